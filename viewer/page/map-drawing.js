import { colourOf } from './colours.js';
import { svgElement } from './element.js';
import { filterOf } from './map-boxes.js';
import { arrowText, arrowWords, nodeWords } from './map-figures.js';
import { curve, groupMiddle, layOut } from './map-layout.js';
import { listRoute } from './route.js';

/** On a narrower page, in pixels, the map is drawn from top to bottom. */
const NARROW = 720;
/**
 * A wide map is made smaller, but not below this scale. If that is not enough, the map is drawn from top to bottom, or
 * it scrolls.
 */
const MIN_SCALE = 0.72;
/** On a phone, it is made a little smaller if it then fits. */
const MIN_NARROW_SCALE = 0.6;
const MAX_SCALE = 1.15;

const WIDTHS = { service: [132, 220], topic: [96, 200], group: [132, 220] };
/** For a map that would be a little too wide for a phone. Longer names are shortened. */
const NARROW_WIDTHS = { service: [104, 132], topic: [84, 120], group: [104, 132] };
const FONT = { service: '600 13px', topic: '500 13px', group: '600 13px', line: '400 12px' };
const FAMILY = 'system-ui, "Segoe UI", Roboto, Inter, "Helvetica Neue", "Noto Sans", sans-serif';

/**
 * Draws the map without figures. They are set later, because they change more often than the boxes.
 *
 * @param {{ boxes: readonly object[], arrows: readonly object[] }} map
 * @param {number} available width in pixels
 */
export function drawMap(map, available) {
  const { width, height, places, paths, down } = fitting(map, available);
  const least = available < NARROW && available / width >= MIN_NARROW_SCALE ? MIN_NARROW_SCALE : MIN_SCALE;
  const scale = Math.min(MAX_SCALE, Math.max(least, available / width));
  const canvas = svgElement('svg', {
    class: 'map',
    role: 'group',
    'aria-label': 'Map of services, topics and consumer groups',
    viewBox: `0 0 ${width} ${height}`,
    width: Math.round(width * scale),
    height: Math.round(height * scale),
  });
  const arrows = map.arrows.map(arrow => drawArrow(arrow, paths.get(arrow.id), down));
  canvas.append(
    ...arrows.map(({ line }) => line),
    ...map.boxes.map(box => drawBox(box, places.get(box.id))),
    ...arrows.map(({ label }) => label),
  );
  const byId = new Map(arrows.map(arrow => [arrow.id, arrow]));
  return {
    root: canvas,
    update(edges) {
      for (const edge of edges) byId.get(`${edge.from} ${edge.to}`)?.update(edge);
    },
  };
}

/** Draws from left to right if the map fits. Otherwise from top to bottom, with shorter names if that makes it fit. */
function fitting(map, available) {
  const fits = ({ width }, scale = MIN_SCALE) => available / width >= scale;
  const upright = () => layOut(map, widthsOf(map.boxes, WIDTHS), true);
  if (available >= NARROW) {
    const across = layOut(map, widthsOf(map.boxes, WIDTHS), false);
    if (fits(across)) return across;
    const other = upright();
    return across.width < other.width ? across : other;
  }
  const wide = upright();
  if (fits(wide)) return wide;
  const narrow = layOut(map, widthsOf(map.boxes, NARROW_WIDTHS), true);
  return fits(narrow, MIN_NARROW_SCALE) ? narrow : wide;
}

function drawArrow({ id, edge }, { points, label: at }, down) {
  const path = curve(points, down);
  const line = svgElement('g', { class: 'arrow', 'aria-hidden': 'true' });
  line.append(
    svgElement('path', { d: path, class: 'wire' }),
    svgElement('path', { d: path, class: 'flow' }),
    svgElement('path', { d: headOf(points, down), class: 'head' }),
  );
  const title = svgElement('title');
  const rate = svgElement('tspan', { class: 'rate' });
  const errors = svgElement('tspan', { class: 'errors' });
  // The texts are beside an arrow that points down. Otherwise they are above and below the arrow.
  const x = down ? at.x - at.width / 2 : at.x;
  const lag = svgElement('tspan', { x, y: at.y + (down ? 9 : 13), class: 'lag' });
  const label = svgElement(
    'a',
    {
      href: listRoute(filterOf(edge.from, edge.to)),
      class: down ? 'figures beside' : 'figures',
      'data-edge': id,
    },
    title,
    svgElement('rect', {
      x: at.x - at.width / 2 - 4,
      y: at.y - 21,
      width: at.width + 8,
      height: 42,
      rx: 6,
      class: 'hit',
    }),
    svgElement('text', { x, y: at.y - (down ? 8 : 11) }, rate, errors, lag),
  );
  return {
    id,
    line,
    label,
    update(now) {
      const words = arrowWords(now);
      if (title.textContent === words) return;
      title.textContent = words;
      // The accessible name of the link starts with its visible text, so that users of voice control can activate the
      // link.
      const shown = arrowText(now).map(text => (text === '' ? '' : `${text} `));
      [rate.textContent, errors.textContent, lag.textContent] = shown;
      label.setAttribute('aria-label', `${shown.join('').trim()}. ${words}. Show these traces`);
      lag.classList.toggle('behind', now.lag > 0);
      line.classList.toggle('active', now.rate > 0);
      line.classList.toggle('fast', now.rate >= 20);
      label.classList.toggle('idle', !(now.rate > 0));
    },
  };
}

function headOf(points, down) {
  const { x, y } = points.at(-1);
  const before = points.at(-2);
  const back = 8 * (down ? Math.sign(before.y - y) || -1 : Math.sign(before.x - x) || -1);
  return down
    ? `M${x} ${y} L${x - 4.5} ${y + back} L${x + 4.5} ${y + back} Z`
    : `M${x} ${y} L${x + back} ${y - 4.5} L${x + back} ${y + 4.5} Z`;
}

function drawBox({ id, kind, name, groups, services }, { left, top, width, height }) {
  const owner = kind === 'service' ? name : services[0];
  const root = svgElement('g', {
    class: `box ${kind} ${owner === undefined ? '' : colourOf(owner)}`,
    'data-node': id,
    transform: `translate(${left} ${top})`,
  });
  const radius = kind === 'topic' ? height / 2 : 9;
  root.append(svgElement('rect', { width, height, rx: radius, class: 'frame' }));
  const shown = fit(name, FONT[kind], width - 42);
  const header = nodeLink(id, shown, { x: 0, y: 0, width, height: kind === 'topic' ? height : 38 }, radius);
  if (kind === 'topic') header.append(topicSign(16, height / 2));
  else
    header.append(
      svgElement('rect', {
        x: 12,
        y: 14,
        width: 10,
        height: 10,
        rx: kind === 'group' ? 2 : 5,
        class: 'sign',
      }),
    );
  header.append(svgElement('text', { x: 30, y: (kind === 'topic' ? height : 38) / 2, class: 'name' }, shown));
  root.append(header);
  for (const [index, group] of groups.entries()) {
    const middle = groupMiddle(index, 0);
    const groupShown = fit(group.name, FONT.line, width - 60);
    const line = nodeLink(group.id, groupShown, { x: 0, y: middle - 13, width, height: 26 }, 6);
    line.setAttribute('data-node', group.id);
    line.classList.add('line');
    line.append(
      svgElement('path', { d: `M0 ${middle - 13} H${width}`, class: 'rule' }),
      svgElement(
        'text',
        { x: 12, y: middle, class: 'group-name' },
        svgElement('tspan', { class: 'kind' }, 'group '),
        groupShown,
      ),
    );
    root.append(line);
  }
  return root;
}

/**
 * Creates a link that covers a part of a box. Its accessible name contains the visible text, even if that text is
 * shortened.
 */
function nodeLink(id, shown, area, radius) {
  const words = nodeWords(id);
  const name = words.endsWith(shown) ? words : `${words}, ${shown}`;
  return svgElement(
    'a',
    { href: listRoute(filterOf(id)), 'aria-label': `${name}. Show its traces` },
    svgElement('title', {}, words),
    svgElement('rect', { ...area, rx: radius, class: 'hit' }),
  );
}

const topicSign = (x, y) =>
  svgElement('path', { d: `M${x} ${y - 4} h8 M${x} ${y} h8 M${x} ${y + 4} h8`, class: 'topic-sign' });

const ruler = document.createElement('canvas').getContext('2d');

function widthOf(text, font) {
  ruler.font = `${font} ${FAMILY}`;
  return ruler.measureText(text).width;
}

/** Boxes of the same kind have the same width, so that they stand in columns. */
function widthsOf(boxes, limits) {
  const widths = {};
  for (const [kind, [least, most]] of Object.entries(limits)) {
    const own = boxes.filter(box => box.kind === kind);
    const wanted = own.flatMap(({ name, groups }) => [
      widthOf(name, FONT[kind]) + 46,
      ...groups.map(group => widthOf(group.name, FONT.line) + 66),
    ]);
    widths[kind] = Math.min(most, Math.max(least, Math.ceil(Math.max(0, ...wanted))));
  }
  return widths;
}

/** Shortens a text in the middle, because long names often differ only at the end. */
function fit(text, font, width) {
  if (widthOf(text, font) <= width) return text;
  for (let kept = text.length - 1; kept > 2; kept--) {
    const short = `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`;
    if (widthOf(short, font) <= width) return short;
  }
  return text.slice(0, 1);
}
