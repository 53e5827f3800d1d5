import { tickLabel, ticksOf } from './axis.js';
import { colourOf } from './colours.js';
import { element, svgElement } from './element.js';
import { clock, counted, duration } from './format.js';
import { drawHops } from './hops.js';
import { handleListInput, makeTabbable } from './keys.js';
import { hopsOf, lanesOf } from './lanes.js';
import { drawLinkedTraces } from './links.js';
import { drawLogs, logsOf } from './logs.js';

/**
 * Draws a trace: a lane for each service, a bar for each span, and an arrow for each message or request between
 * services. A line before a bar shows how long the message waited in its topic.
 *
 * @param {object} view - the trace as returned by the server
 * @param {{ open(spanId: string): void, back(): void }} handlers
 */
export function drawTrace(view, handlers) {
  const { id, ms, spans } = view;
  const lanes = lanesOf(spans);
  const bars = new Map();

  const list = element('div', { role: 'listbox', class: 'waterfall', 'aria-label': 'Spans of the trace' });
  for (const { service, spans: own } of lanes) {
    const lane = element('div', { role: 'group', class: `lane ${colourOf(service)}`, 'aria-label': service });
    lane.append(
      element('div', { class: 'lane-title', 'aria-hidden': 'true' }, service),
      ...own.map(span => rowOf(span, ms, bars)),
    );
    list.append(lane);
  }
  handleListInput(list, { open: row => handlers.open(row.dataset.span), back: handlers.back });
  const first = list.querySelector('[role=option]');
  if (first) makeTabbable(list, first);

  const canvas = svgElement('svg', { class: 'hops', 'aria-hidden': 'true' });
  const hops = hopsOf(id, spans).map(({ from, to }) => ({
    from: bars.get(from.spanId).bar,
    to: bars.get(to.spanId),
    label: `${from.name} → ${to.name}`,
  }));
  const root = element(
    'article',
    { class: 'trace', 'aria-labelledby': 'trace-title' },
    title(view, lanes.length),
    axis(ms),
    element('div', { class: 'lanes' }, list, canvas),
    legend(spans, hops.length > 0),
    ...drawLinkedTraces(view),
    drawLogs(logsOf(view)),
  );
  const resized = new ResizeObserver(() => {
    drawHops(canvas, hops);
  });
  resized.observe(list);
  return { root, list, stop: () => resized.disconnect() };
}

function title({ id, start, ms, spans }, services) {
  const errors = spans.filter(({ error }) => error !== undefined).length;
  return element(
    'div',
    { class: 'bar-title' },
    element('h2', { id: 'trace-title' }, spans[0]?.name ?? 'Trace'),
    element(
      'span',
      { class: 'quiet' },
      [clock(start), duration(ms), counted(spans.length, 'span'), counted(services, 'service')].join(' · '),
    ),
    errors > 0 ? element('span', { class: 'failed-text' }, `✖ ${counted(errors, 'error')}`) : undefined,
    element('code', { class: 'quiet id' }, id),
  );
}

function rowOf(span, total, bars) {
  const { spanId, name, error, depth, missingParent, ms, links, linkedFrom, logs = [] } = span;
  const bar = element('span', { class: error === undefined ? 'bar' : 'bar failed' });
  place(bar, span.start, ms, total);
  const wait = waitOf(span, total);
  bars.set(spanId, { bar, wait });
  const mark = (sign, why) => element('b', { class: 'mark', title: why, 'aria-hidden': 'true' }, sign);
  const badge = (count, what) =>
    count === 0
      ? undefined
      : element('span', { class: 'badge', 'aria-hidden': 'true' }, counted(count, what));
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
      { class: 'label' },
      error === undefined ? undefined : mark('✖', error),
      missingParent === undefined ? undefined : mark('⚠', 'the parent span is missing'),
      element('span', { class: 'name', title: error ?? name }, name),
      badge(links.length + linkedFrom.length, 'link'),
      badge(logs.length, 'log'),
    ),
    element(
      'span',
      { class: 'number' },
      duration(ms),
      element('span', { class: 'visually-hidden' }, description(span)),
    ),
    element('span', { class: 'track' }, wait, bar, ...logs.map(log => logMark(log, total))),
  );
  row.style.setProperty('--depth', String(depth));
  return row;
}

function waitOf({ start, waitMs, attributes }, total) {
  if (!(waitMs > 0)) return undefined;
  const text = `${duration(waitMs)} in ${attributes['messaging.destination.name'] ?? 'the topic'}`;
  const wait = element(
    'span',
    { class: 'wait', title: text },
    element('span', { class: 'wait-label' }, text),
  );
  const from = Math.max(0, start - waitMs);
  place(wait, from, start - from, total);
  return wait;
}

function logMark({ at, severity }, total) {
  const mark = element('span', { class: 'log-mark', title: `log record: ${severity}` });
  place(mark, Math.min(Math.max(0, at), total), 0, total);
  return mark;
}

function place(part, from, ms, total) {
  const share = time => `${(100 * time) / Math.max(total, 0.001)}%`;
  part.style.setProperty('--from', share(from));
  part.style.setProperty('--long', share(ms));
}

/** Returns the content of the bar in words, for screen readers. */
const description = ({ service, kind, start, waitMs, error, missingParent, links, linkedFrom, logs = [] }) =>
  [
    '',
    service,
    kind.toLowerCase(),
    `from ${duration(start)}`,
    ...(waitMs > 0 ? [`after ${duration(waitMs)} in the topic`] : []),
    ...(error === undefined ? [] : [`failed: ${error}`]),
    ...(missingParent === undefined ? [] : ['the parent span is missing']),
    ...(links.length + linkedFrom.length > 0 ? [counted(links.length + linkedFrom.length, 'link')] : []),
    ...(logs.length > 0 ? [counted(logs.length, 'log record')] : []),
  ].join(', ');

function axis(ms) {
  const line = element('div', { class: 'axis', 'aria-hidden': 'true' });
  for (const tick of ticksOf(ms)) {
    const part = ms > 0 ? tick / ms : 0;
    // Do not centre a label at the right end, because it would be cut off.
    const mark = element('span', { class: part > 0.92 ? 'last' : undefined }, tickLabel(tick));
    mark.style.setProperty('--from', `${100 * part}%`);
    line.append(mark);
  }
  return element('div', { class: 'axis-row' }, line);
}

function legend(spans, hasHops) {
  const entries = [
    [hasHops, 'hop-sign', 'message or request to another service'],
    [spans.some(({ waitMs }) => waitMs > 0), 'wait-sign', 'time of a message in its topic'],
    [spans.some(({ error }) => error !== undefined), 'failed-sign', 'failed'],
    [spans.some(({ logs = [] }) => logs.length > 0), 'log-sign', 'log record'],
  ].filter(([isShown]) => isShown);
  if (entries.length === 0) return undefined;
  return element(
    'ul',
    { class: 'signs', 'aria-hidden': 'true' },
    ...entries.map(([, sign, text]) => element('li', {}, element('i', { class: sign }), text)),
  );
}
