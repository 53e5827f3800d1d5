import { svgElement } from './element.js';

/**
 * Draws an arrow for each hop. A hop is a message or request that passes from one service to another. The arrow starts
 * at the bar of the sending span. It ends where the message starts to wait in its topic, or at the bar of the receiving
 * span. All positions are read from the page, so any layout works.
 *
 * @param {SVGElement} canvas - covers the bars
 * @param {{ from: HTMLElement, to: { bar: HTMLElement, wait?: HTMLElement }, label: string }[]} hops
 */
export function drawHops(canvas, hops) {
  const frame = canvas.getBoundingClientRect();
  canvas.replaceChildren(
    ...hops.flatMap(({ from, to, label }) =>
      arrow(box(from, frame), box(to.bar, frame), to.wait && box(to.wait, frame), label),
    ),
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
/** A shorter wait, in pixels, is not drawn. */
const LEAST_WAIT = 12;

function arrow(from, bar, wait, label) {
  const down = bar.top >= from.top;
  const y1 = down ? from.bottom : from.top;
  const x2 = bar.left - 1;
  const y2 = (bar.top + bar.bottom) / 2;
  const isWaiting = wait !== undefined && wait.right - wait.left >= LEAST_WAIT;
  // The bar of the receiving span may start before the end of the sending bar, because a consumer can receive a message
  // before `send` returns.
  const x1 = isWaiting
    ? Math.min(from.right, Math.max(from.left + 2, wait.left))
    : Math.min(from.right, Math.max(from.left + 2, bar.left - REACH));
  const bend = y1 + (y2 - y1) * 0.6;
  const path = isWaiting
    ? `M${x1} ${y1} C${x1} ${bend} ${wait.left} ${bend} ${wait.left} ${y2 - 1}`
    : `M${x1} ${y1} C${x1} ${bend} ${x2 - REACH} ${y2 - (y2 - y1) * 0.25} ${x2 - 6} ${y2}`;
  const line = svgElement('path', { d: path, class: 'hop' });
  line.append(svgElement('title', {}, label));
  const head = svgElement('path', {
    d: `M${x2 - 7} ${y2 - 4} L${x2} ${y2} L${x2 - 7} ${y2 + 4} Z`,
    class: 'hop-head',
  });
  const origin = svgElement('circle', { cx: x1, cy: y1, r: 2.5, class: 'hop-head' });
  return [line, origin, head];
}
