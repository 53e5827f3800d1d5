import { element } from './element.js';
import { counted, duration } from './format.js';
import { traceRoute } from './route.js';

const OPEN_LIMIT = 20;

/** All log records of a trace, oldest first. Each has its span, if the server stores that span. */
export function logsOf({ id, spans, logs = [] }) {
  return [
    ...logs.map(log => ({ ...log, trace: id })),
    ...spans.flatMap(span => (span.logs ?? []).map(log => ({ ...log, trace: id, span }))),
  ].sort((a, b) => a.at - b.at);
}

/** Creates the list of log records. @returns undefined if there are none */
export function drawLogs(logs) {
  if (logs.length === 0) return undefined;
  return element(
    'details',
    { id: 'logs', open: logs.length <= OPEN_LIMIT },
    element('summary', {}, counted(logs.length, 'log record')),
    element('ol', { class: 'logs' }, ...logs.map(logRow)),
  );
}

/** Creates the row of a log record: time since the start of the trace, severity, text, and the span. */
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
