// The part of the URL after `#` says what the page shows, so that links and the back button work: `#/map`,
// `#/traces?service=orders-api&status=error`, `#/traces/TRACE/SPAN`, `#/consumers`, `#/metrics`.

/** Filters of the trace list, with the names that the server uses. */
export const FILTERS = ['text', 'status', 'service', 'topic', 'group', 'root', 'rootService', 'minMs'];

const VIEWS = new Set(['map', 'traces', 'consumers', 'metrics']);

/**
 * Reads the part of the URL after `#`. The view is undefined if the URL names none.
 *
 * @returns {{ view?: string, trace?: string, span?: string, filter: Record<string, string> }}
 */
export function readRoute(fragment) {
  const [path = '', query = ''] = fragment.replace(/^#\/?/, '').split('?', 2);
  const [view, trace, span] = path.split('/').map(decode);
  const filter = Object.fromEntries(
    [...new URLSearchParams(query)].filter(([name, value]) => FILTERS.includes(name) && value !== ''),
  );
  if (!VIEWS.has(view)) return { filter: {} };
  return view === 'traces' && trace ? { view: 'trace', trace, span, filter } : { view, filter };
}

export function listRoute(filter = {}) {
  const query = new URLSearchParams(
    FILTERS.flatMap(name => (filter[name] ? [[name, String(filter[name])]] : [])),
  ).toString();
  return query === '' ? '#/traces' : `#/traces?${query}`;
}

export const traceRoute = (trace, span) =>
  `#/traces/${encodeURIComponent(trace)}${span === undefined ? '' : `/${encodeURIComponent(span)}`}`;

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    // The text has a `%` that encodes nothing, so it is no id of a trace.
    return part;
  }
}
