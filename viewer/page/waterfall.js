import { tickLabel, ticksOf } from './axis.js';
import { colourOf } from './colours.js';
import { element, svgElement } from './element.js';
import { clock, counted, duration, shortId } from './format.js';
import { drawHops } from './hops.js';
import { handleListInput, makeTabbable } from './keys.js';
import { hopsOf, lanesOf, linkedTraces } from './lanes.js';

const LINKS_SHOWN = 6;

/**
 * Draws a trace: a lane per service, a bar per span, and an arrow for every message or request between services.
 *
 * @param {object} view - the trace as returned by the server
 * @param {{ open(spanId: string): void, back(): void }} handlers
 */
export function drawTrace(view, handlers) {
  const { id, start, ms, spans } = view;
  const lanes = lanesOf(spans);
  const bars = new Map();
  const errors = spans.filter(({ error }) => error !== undefined).length;

  const list = element('div', { role: 'listbox', class: 'waterfall', 'aria-label': 'Spans of the trace' });
  for (const { service, spans: own } of lanes) {
    const lane = element('div', { role: 'group', class: `lane ${colourOf(service)}`, 'aria-label': service });
    lane.append(
      element('div', { class: 'lane-title', 'aria-hidden': 'true' }, service),
      ...own.map(span => rowOf(span, view, bars)),
    );
    list.append(lane);
  }
  handleListInput(list, { open: row => handlers.open(row.dataset.span), back: handlers.back });
  const first = list.querySelector('[role=option]');
  if (first) makeTabbable(list, first);

  const canvas = svgElement('svg', { class: 'hops', 'aria-hidden': 'true' });
  const hops = hopsOf(id, spans).map(({ from, to }) => ({
    from: bars.get(from.spanId),
    to: bars.get(to.spanId),
    label: `${from.name} → ${to.name}`,
  }));
  const root = element(
    'div',
    { class: 'trace' },
    element(
      'div',
      { class: 'bar-title' },
      element('h2', {}, `Trace ${shortId(id)}`),
      element(
        'span',
        { class: 'quiet' },
        [clock(start), duration(ms), counted(spans.length, 'span'), counted(lanes.length, 'service')].join(
          ' · ',
        ),
      ),
      errors > 0 ? element('span', { class: 'failed-text' }, `✖ ${counted(errors, 'error')}`) : undefined,
    ),
    axis(ms),
    element('div', { class: 'lanes' }, list, canvas),
    linkedTraceList(view),
  );
  const resized = new ResizeObserver(() => {
    drawHops(canvas, hops);
  });
  resized.observe(list);
  return { root, list, stop: () => resized.disconnect() };
}

function rowOf(span, { ms: total }, bars) {
  const { spanId, name, service, kind, start, ms, error, depth, missingParent, links, linkedFrom } = span;
  const share = time => `${(100 * time) / Math.max(total, 0.001)}%`;
  const bar = element('span', { class: error === undefined ? 'bar' : 'bar failed' });
  bar.style.setProperty('--from', share(start));
  bar.style.setProperty('--long', share(ms));
  bars.set(spanId, bar);
  const description = [
    '',
    service,
    kind.toLowerCase(),
    `from ${duration(start)}`,
    ...(error === undefined ? [] : [`failed: ${error}`]),
    ...(missingParent === undefined ? [] : ['the parent span is missing']),
    ...(links.length > 0 ? [counted(links.length, 'link')] : []),
  ].join(', ');
  const row = element(
    'div',
    {
      role: 'option',
      tabindex: -1,
      'data-span': spanId,
      'aria-selected': 'false',
      class: error === undefined ? undefined : 'failed',
    },
    element(
      'span',
      { class: 'name', title: error ?? name },
      error === undefined ? undefined : element('b', { class: 'mark', 'aria-hidden': 'true' }, '✖'),
      missingParent === undefined
        ? undefined
        : element('b', { class: 'mark', title: 'the parent span is missing', 'aria-hidden': 'true' }, '⚠'),
      name,
    ),
    element(
      'span',
      { class: 'number' },
      linkMark(links.length + linkedFrom.length),
      duration(ms),
      element('span', { class: 'visually-hidden' }, description),
    ),
    element('span', { class: 'track' }, bar),
  );
  row.style.setProperty('--depth', String(depth));
  return row;
}

const linkMark = count =>
  count === 0
    ? undefined
    : element('i', { class: 'link-mark', title: counted(count, 'link'), 'aria-hidden': 'true' }, '⇄');

function axis(ms) {
  const line = element('div', { class: 'axis', 'aria-hidden': 'true' });
  for (const tick of ticksOf(ms)) {
    const mark = element('span', {}, tickLabel(tick));
    mark.style.setProperty('--from', `${ms > 0 ? (100 * tick) / ms : 0}%`);
    line.append(mark);
  }
  return element('div', { class: 'axis-row' }, line);
}

/** Creates the list of traces that this trace is linked with. */
function linkedTraceList({ id, spans }) {
  const all = linkedTraces(id, spans);
  if (all.length === 0) return undefined;
  const shown = all.slice(0, LINKS_SHOWN).map(({ direction, span }) => {
    const arrow = direction === 'to' ? '→ links to' : '← linked from';
    return element('li', {}, element('span', { class: 'quiet' }, arrow), ' ', spanLink(span));
  });
  const more = all.length - shown.length;
  if (more > 0) shown.push(element('li', { class: 'quiet' }, `and ${counted(more, 'more trace')}`));
  return element('ul', { class: 'linked-traces', 'aria-label': 'Linked traces' }, ...shown);
}

/** Creates an HTML link to a span, or plain text if the server no longer stores the span. */
export function spanLink({ traceId, spanId, name, service }) {
  const place = `trace ${shortId(traceId)}`;
  if (name === undefined)
    return element('span', { class: 'quiet' }, `span ${spanId} in ${place}, not stored`);
  return element(
    'a',
    { href: `#${traceId}/${spanId}` },
    element('i', { class: `dot ${colourOf(service)}` }),
    `${name} in ${place}`,
  );
}
