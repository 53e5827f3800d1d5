import { element } from './element.js';
import { counted, duration } from './format.js';
import { traceRoute } from './route.js';

const OPEN_LIMIT = 20;

/** Returns all log records of a trace, oldest first, with their spans. The server may no longer store a span. */
export function logsOf({ id, spans, logs = [] }) {
  return [
    ...logs.map(log => ({ ...log, trace: id })),
    ...spans.flatMap(span => (span.logs ?? []).map(log => ({ ...log, trace: id, span }))),
  ].sort((a, b) => a.at - b.at);
}

/** Returns undefined if there are no log records. */
export function drawLogs(logs) {
  if (logs.length === 0) return undefined;
  return element(
    'details',
    { id: 'logs', open: logs.length <= OPEN_LIMIT },
    element('summary', {}, counted(logs.length, 'log record')),
    element('ol', { class: 'logs' }, ...logs.map(logRow)),
  );
}

export function logRow({ at, severity, body, trace, span }) {
  return element(
    'li',
    {},
    element('span', { class: 'quiet number' }, duration(at)),
    element(
      'span',
      { class: isProblem(severity) ? 'severity failed-text' : 'severity quiet' },
      severity || 'LOG',
    ),
    element('span', { class: 'body' }, textOf(body)),
    span === undefined ? undefined : element('a', { href: traceRoute(trace, span.spanId) }, span.name),
  );
}

const isProblem = severity => /^(error|fatal)/i.test(severity);

const textOf = body => (typeof body === 'string' ? body : JSON.stringify(body));
