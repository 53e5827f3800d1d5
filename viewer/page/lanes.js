/**
 * Groups the spans of a trace by service. Each service has a horizontal lane. The lanes are in the order of their first
 * spans.
 */
export function lanesOf(spans) {
  const lanes = new Map();
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (!lanes.has(span.service)) lanes.set(span.service, []);
  }
  for (const span of spans) lanes.get(span.service).push(span);
  return [...lanes].map(([service, own]) => ({ service, spans: own }));
}

/**
 * Finds the hops of a trace: pairs of spans in different services, in which the second span is a child of the first
 * span or links to it.
 */
export function hopsOf(traceId, spans) {
  const byId = new Map(spans.map(span => [span.spanId, span]));
  return spans.flatMap(to => {
    const sources = new Set([
      to.parent,
      ...to.links.filter(link => link.traceId === traceId).map(({ spanId }) => spanId),
    ]);
    return [...sources].flatMap(id => {
      const from = byId.get(id);
      return from && from.service !== to.service ? [{ from, to }] : [];
    });
  });
}

/**
 * Finds the traces that this trace links to, and the traces that link to this trace. Traces that the server still
 * stores come first.
 */
export function linkedTraces(traceId, spans) {
  const found = new Map();
  for (const span of spans) {
    for (const [direction, linkedSpans] of [
      ['to', span.links],
      ['from', span.linkedFrom],
    ]) {
      for (const span of linkedSpans) {
        if (span.traceId === traceId) continue;
        const key = `${direction} ${span.traceId}`;
        if (!found.has(key)) found.set(key, { direction, span });
      }
    }
  }
  const isStored = ({ span }) => span.name !== undefined;
  return [...found.values()].sort((a, b) => Number(isStored(b)) - Number(isStored(a)));
}
