import { colourOf } from './colours.js';
import { element } from './element.js';
import { duration } from './format.js';
import { spanLink } from './waterfall.js';

/**
 * The details of a span.
 *
 * @param {object} span
 * @param {() => void} close
 */
export function drawSpan(span, close) {
  const { name, service, kind, start, ms, error, scope, spanId, parent, missingParent } = span;
  const links = [
    ...span.links.map(to => element('li', {}, 'links to ', spanLink(to))),
    ...span.linkedFrom.map(from => element('li', {}, 'linked from ', spanLink(from))),
  ];
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
      element(
        'span',
        { class: 'quiet' },
        `${service} · ${kind.toLowerCase()} · ${duration(ms)} from ${duration(start)}`,
      ),
      element('button', { type: 'button', class: 'close', onclick: close }, 'Close'),
    ),
    error === undefined ? undefined : element('p', { class: 'failed-text' }, `✖ ${error}`),
    missingParent === undefined
      ? undefined
      : element('p', { class: 'failed-text' }, `⚠ Parent span ${missingParent} has not been received.`),
    part('Attributes', span.attributes),
    ...span.events.map(({ name: event, at, attributes }) =>
      part(`Event: ${event} at ${duration(at)}`, attributes),
    ),
    links.length === 0
      ? undefined
      : element(
          'div',
          { class: 'part' },
          element('h4', {}, 'Links'),
          element('ul', { class: 'links' }, ...links),
        ),
    part('Resource', span.resource),
    part('Span', { id: spanId, ...(parent === undefined ? {} : { parent }), scope }),
  );
}

function part(title, attributes) {
  const rows = Object.entries(attributes).sort(([a], [b]) => a.localeCompare(b));
  if (rows.length === 0) return undefined;
  return element(
    'div',
    { class: 'part' },
    element('h4', {}, title),
    element(
      'dl',
      {},
      ...rows.flatMap(([key, value]) => [element('dt', {}, key), element('dd', {}, shown(value))]),
    ),
  );
}

const shown = value => (typeof value === 'string' ? value : JSON.stringify(value));
