import { svgElement } from './element.js';

/**
 * Draws an arrow for each hop. A hop is a message or request that passes from one service to another. The arrow starts at the bar
 * of the sending span. It reads the positions of the bars from the page, so it works with any layout.
 *
 * @param {SVGElement} canvas - covers the bars
 * @param {{ from: HTMLElement, to: HTMLElement, label: string }[]} hops
 */
export function drawHops(canvas, hops) {
  const frame = canvas.getBoundingClientRect();
  canvas.replaceChildren(
    ...hops.flatMap(({ from, to, label }) => arrow(box(from, frame), box(to, frame), label)),
  );
}

const box = (bar, frame) => {
  const { left, right, top, bottom } = bar.getBoundingClientRect();
  return {
    left: left - frame.left,
    right: right - frame.left,
    top: top - frame.top,
    bottom: bottom - frame.top,
  };
};

const REACH = 14;

function arrow(from, to, label) {
  // A consumer can receive a message before `send` returns. So the second bar can start to the left of the end of the first one.
  const x1 = Math.min(from.right, Math.max(from.left + 2, to.left - REACH));
  const down = to.top >= from.top;
  const y1 = down ? from.bottom : from.top;
  const x2 = to.left - 1;
  const y2 = (to.top + to.bottom) / 2;
  const bend = y1 + (y2 - y1) * 0.6;
  const line = svgElement('path', {
    d: `M${x1} ${y1} C${x1} ${bend} ${x2 - REACH} ${y2 - (y2 - y1) * 0.25} ${x2 - 6} ${y2}`,
    class: 'hop',
  });
  line.append(svgElement('title', {}, label));
  const head = svgElement('path', {
    d: `M${x2 - 7} ${y2 - 4} L${x2} ${y2} L${x2 - 7} ${y2 + 4} Z`,
    class: 'hop-head',
  });
  const origin = svgElement('circle', { cx: x1, cy: y1, r: 2.5, class: 'hop-head' });
  return [line, origin, head];
}
