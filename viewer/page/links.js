import { colourOf } from './colours.js';
import { element } from './element.js';
import { counted, shortId } from './format.js';
import { linkedTraces } from './lanes.js';
import { traceRoute } from './route.js';

/** A list with more traces is collapsed at first. */
const OPEN_LIMIT = 6;

/** Creates two lists: the traces that this trace links to, and the traces that link to this trace. */
export function drawLinkedTraces({ id, spans }) {
  const all = linkedTraces(id, spans);
  return [
    ['to', 'Links to'],
    ['from', 'Linked from'],
  ].flatMap(([direction, words]) => {
    const own = all.filter(linked => linked.direction === direction);
    if (own.length === 0) return [];
    const items = own.map(({ span }) => element('li', {}, spanLink(span)));
    return [
      element(
        'details',
        { id: `linked-${direction}`, class: 'linked-traces', open: own.length <= OPEN_LIMIT },
        element('summary', {}, `${words} ${counted(own.length, 'trace')}`),
        element('ul', {}, ...items),
      ),
    ];
  });
}

/** Creates an HTML link to a span, or plain text if the server no longer stores the span. */
export function spanLink({ traceId, spanId, name, service }) {
  const place = `trace ${shortId(traceId)}`;
  if (name === undefined)
    return element('span', { class: 'quiet' }, `span ${spanId} in ${place}, not stored`);
  return element(
    'a',
    { href: traceRoute(traceId, spanId) },
    element('i', { class: `dot ${colourOf(service)}` }),
    `${name} in ${place}`,
  );
}
