/** The spans of a trace by service, in order of their first span. A lane is where a service's spans lie. */
export function lanesOf(spans) {
  const lanes = new Map();
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (!lanes.has(span.service)) lanes.set(span.service, []);
  }
  for (const span of spans) lanes.get(span.service).push(span);
  return [...lanes].map(([service, own]) => ({ service, spans: own }));
}

/** From each span to those of other services that it led to: by parent, or by a link where a batch has several producers. */
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

/** Ways into and out of a trace, each neighbour once; those that can be gone first. */
export function waysOut(traceId, spans) {
  const ways = new Map();
  for (const span of spans) {
    for (const [direction, neighbours] of [
      ['to', span.links],
      ['from', span.linkedFrom],
    ]) {
      for (const neighbour of neighbours) {
        if (neighbour.traceId === traceId) continue;
        const key = `${direction} ${neighbour.traceId}`;
        if (!ways.has(key)) ways.set(key, { direction, neighbour });
      }
    }
  }
  const isKept = ({ neighbour }) => neighbour.name !== undefined;
  return [...ways.values()].sort((a, b) => Number(isKept(b)) - Number(isKept(a)));
}
