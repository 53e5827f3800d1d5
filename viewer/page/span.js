import { colourOf } from './colours.js';
import { element } from './element.js';
import { counted, duration } from './format.js';
import { spanLink } from './links.js';
import { logRow } from './logs.js';

const LINKS_SHOWN = 6;

/**
 * Creates the details of a span.
 *
 * @param {object} span
 * @param {() => void} close
 */
export function drawSpan(span, close) {
  const {
    name,
    service,
    kind,
    start,
    ms,
    waitMs,
    error,
    scope,
    spanId,
    parent,
    missingParent,
    logs = [],
  } = span;
  return element(
    'section',
    {
      class: `span ${colourOf(service)}`,
      'aria-label': `Details of ${name}`,
      tabindex: -1,
      onkeydown: event => {
        if (event.key === 'Escape') close();
      },
    },
    element(
      'div',
      { class: 'bar-title' },
      element('h3', {}, element('i', { class: 'dot' }), name),
      element('button', { type: 'button', class: 'close', onclick: close }, 'Close'),
      element(
        'p',
        { class: 'quiet' },
        [
          service,
          kind.toLowerCase(),
          `${duration(ms)} from ${duration(start)}`,
          ...(waitMs > 0 ? [`after ${duration(waitMs)} in the topic`] : []),
        ].join(' · '),
      ),
    ),
    error === undefined ? undefined : element('p', { class: 'failed-text' }, `✖ ${error}`),
    missingParent === undefined
      ? undefined
      : element('p', { class: 'failed-text' }, `⚠ Parent span ${missingParent} has not been received.`),
    ...span.events.map(({ name: event, at, attributes }) =>
      attributesOf(`Event: ${event} at ${duration(at)}`, attributes),
    ),
    attributesOf('Attributes', span.attributes),
    ...logs.map(({ attributes, ...log }) =>
      part(
        'Log record',
        element('ol', { class: 'logs' }, logRow(log)),
        ...(Object.keys(attributes ?? {}).length > 0 ? [listOf(attributes)] : []),
      ),
    ),
    drawLinks(span),
    attributesOf('Resource', span.resource),
    attributesOf('Span', { id: spanId, ...(parent === undefined ? {} : { parent }), scope }),
  );
}

/** Creates the list of links. Only the first links are open, because a batch can have many. */
function drawLinks({ links, linkedFrom }) {
  const items = [
    ...links.map(to => element('li', {}, 'links to ', spanLink(to))),
    ...linkedFrom.map(from => element('li', {}, 'linked from ', spanLink(from))),
  ];
  if (items.length === 0) return undefined;
  const more = items.slice(LINKS_SHOWN);
  return part(
    'Links',
    element('ul', {}, ...items.slice(0, LINKS_SHOWN)),
    ...(more.length === 0
      ? []
      : [
          element(
            'details',
            { id: 'more-links' },
            element('summary', {}, counted(more.length, 'more link')),
            element('ul', {}, ...more),
          ),
        ]),
  );
}

const part = (title, ...content) => element('div', { class: 'part' }, element('h4', {}, title), ...content);

const attributesOf = (title, attributes) =>
  Object.keys(attributes).length === 0 ? undefined : part(title, listOf(attributes));

const listOf = attributes =>
  element(
    'dl',
    {},
    ...Object.entries(attributes)
      .sort(([a], [b]) => a.localeCompare(b))
      .flatMap(([key, value]) => [element('dt', {}, key), element('dd', {}, shown(value))]),
  );

const shown = value => (typeof value === 'string' ? value : JSON.stringify(value));
