import { Graph, layout } from './vendor/dagre.js';

/** Sizes in pixels. They do not depend on the figures, so the map does not move when figures change. */
const HEADER = 38;
const GROUP_LINE = 26;
const TOPIC_HEIGHT = 36;
const SEND_LABEL = { width: 70, height: 40 };
const RECEIVE_LABEL = { width: 104, height: 40 };

/**
 * Finds a place for each box and a path for each arrow.
 *
 * @param {{ boxes: readonly object[], arrows: readonly object[] }} map
 * @param {Record<string, number>} widths width of a box, by kind
 * @param {boolean} down draws from top to bottom instead of from left to right
 */
export function layOut({ boxes, arrows }, widths, down) {
  const graph = new Graph({ directed: true, multigraph: true });
  graph.setGraph({
    rankdir: down ? 'TB' : 'LR',
    nodesep: down ? 12 : 32,
    // The long arrows of a large map need more space between the boxes to bend.
    ranksep: boxes.length > 8 ? 56 : 30,
    edgesep: down ? 10 : 18,
    marginx: 4,
    marginy: 8,
  });
  for (const { id, kind, groups } of boxes) {
    const height =
      kind === 'topic' ? TOPIC_HEIGHT : HEADER + groups.length * GROUP_LINE + (groups.length > 0 ? 4 : 0);
    graph.setNode(id, { width: widths[kind], height });
  }
  for (const { id, from, to, edge } of arrows) {
    const label = edge.kind === 'receive' ? RECEIVE_LABEL : SEND_LABEL;
    graph.setEdge(
      from,
      to,
      { ...label, ...(down ? { labelpos: 'r', labeloffset: 8 } : { labelpos: 'c' }) },
      id,
    );
  }
  layout(graph);

  const { width, height } = graph.graph();
  const boxOf = new Map(boxes.map(box => [box.id, box]));
  const places = new Map(
    boxes.map(({ id }) => {
      const { x, y, width, height } = graph.node(id);
      const header = Math.min(height, HEADER);
      return [id, { left: x - width / 2, top: y - height / 2, width, height, header }];
    }),
  );
  const paths = new Map(
    arrows.map(({ id, from, to, group }) => {
      const { points, x, y, width, height } = graph.edge(from, to, id);
      const forward = down ? points[0].y < points.at(-1).y : points[0].x < points.at(-1).x;
      const between = straighten(points.slice(1, -1), { x, y, width, height }, down, forward);
      const start = portOf(places.get(from), between[0], down);
      const end =
        group === undefined
          ? portOf(places.get(to), between.at(-1), down)
          : groupPortOf(group, boxOf.get(to), places.get(to), between.at(-1), down);
      return [id, { points: [start, ...between, end], label: { x, y, width } }];
    }),
  );
  return { width, height, places, paths, down };
}

/** Makes a path straight next to its label, so that the path does not cross the label. */
function straighten(points, { x, y, width, height }, down, forward) {
  const at = points.findIndex(point => Math.abs(down ? point.y - y : point.x - x) < 1);
  if (at === -1) return points;
  const point = points[at];
  const half = ((down ? height : width) / 2) * (forward ? 1 : -1);
  const ends = down
    ? [
        { x: point.x, y: y - half },
        { x: point.x, y: y + half },
      ]
    : [
        { x: x - half, y: point.y },
        { x: x + half, y: point.y },
      ];
  return [...points.slice(0, at), ...ends, ...points.slice(at + 1)];
}

/** Returns the point where an arrow touches a box: the middle of the side that faces the next point of the arrow. */
function portOf({ left, top, width, height, header }, next, down) {
  if (down) return { x: left + width / 2, y: next.y > top ? top + height : top };
  return { x: next.x > left + width / 2 ? left + width : left, y: top + header / 2 };
}

export const groupMiddle = (index, top) => top + HEADER + index * GROUP_LINE + GROUP_LINE / 2;

/** Returns the point where an arrow to a group ends: at the line of the group. */
function groupPortOf(group, { groups }, place, next, down) {
  const index = groups.findIndex(({ id }) => id === group);
  const { x, y } = portOf(place, next, down);
  if (down) return { x: place.left + (place.width * (index + 1)) / (groups.length + 1), y };
  return { x, y: groupMiddle(index, place.top) };
}

/** Returns a smooth line through the points. It meets the boxes at a right angle. */
export function curve(points, down) {
  const [first, ...rest] = points;
  let path = `M${first.x} ${first.y}`;
  let before = first;
  for (const point of rest) {
    const half = down ? (before.y + point.y) / 2 : (before.x + point.x) / 2;
    path += down
      ? ` C${before.x} ${half} ${point.x} ${half} ${point.x} ${point.y}`
      : ` C${half} ${before.y} ${half} ${point.y} ${point.x} ${point.y}`;
    before = point;
  }
  return path;
}
