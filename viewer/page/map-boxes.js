/**
 * Converts the map of the server into boxes and arrows. Most consumer groups are run by one service. They become a line
 * in the box of their service, which keeps the map small. All other groups have their own box.
 *
 * @param {{ nodes: readonly object[], edges: readonly object[] }} map
 */
export function boxesOf({ nodes, edges }) {
  const services = new Set(nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id));
  const hosts = new Map();
  for (const { id, kind, services: running } of nodes) {
    const host = `service:${running[0]}`;
    if (kind === 'group' && running.length === 1 && services.has(host)) hosts.set(id, host);
  }
  const boxes = nodes
    .filter(({ id }) => !hosts.has(id))
    .map(node => ({
      ...node,
      groups: nodes.filter(({ id }) => hosts.get(id) === node.id).sort(byId),
    }));
  const arrows = edges
    .filter(({ kind, from }) => kind !== 'run' || !hosts.has(from))
    .map(edge => ({
      id: `${edge.from} ${edge.to}`,
      edge,
      from: edge.from,
      to: hosts.get(edge.to) ?? edge.to,
      group: hosts.has(edge.to) ? edge.to : undefined,
    }));
  // Sort, so that the layout does not depend on the order in which data arrives.
  return { boxes: boxes.sort(byId), arrows: arrows.sort(byId) };
}

const byId = (a, b) => (a.id < b.id ? -1 : Number(a.id > b.id));

/** Returns the filter that selects the traces of a node or an arrow in the trace list. */
export function filterOf(from, to) {
  const filter = {};
  for (const id of [from, to]) {
    if (id === undefined) continue;
    const [kind] = id.split(':', 1);
    filter[kind] = id.slice(kind.length + 1);
  }
  return filter;
}
