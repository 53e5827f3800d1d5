import { drawn } from './element.js';

/**
 * Draws a line for each way from a service into another one: from the bar of the span that sends to the bar of the one that
 * it leads to. Measured on the page, so it fits whatever the layout is.
 *
 * @param {SVGElement} canvas lies over the bars
 * @param {{ from: HTMLElement, to: HTMLElement, says: string }[]} hops bars
 */
export function drawHops(canvas, hops) {
  const frame = canvas.getBoundingClientRect();
  canvas.replaceChildren(
    ...hops.flatMap(({ from, to, says }) => hop(box(from, frame), box(to, frame), says)),
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

function hop(from, to, says) {
  // A consumer may have a message before its producer knows that it was taken.
  const x1 = Math.min(from.right, Math.max(from.left + 2, to.left - REACH));
  const down = to.top >= from.top;
  const y1 = down ? from.bottom : from.top;
  const x2 = to.left - 1;
  const y2 = (to.top + to.bottom) / 2;
  const bend = y1 + (y2 - y1) * 0.6;
  const line = drawn('path', {
    d: `M${x1} ${y1} C${x1} ${bend} ${x2 - REACH} ${y2 - (y2 - y1) * 0.25} ${x2 - 6} ${y2}`,
    class: 'hop',
  });
  line.append(drawn('title', {}, says));
  const head = drawn('path', {
    d: `M${x2 - 7} ${y2 - 4} L${x2} ${y2} L${x2 - 7} ${y2 + 4} Z`,
    class: 'hop-head',
  });
  const origin = drawn('circle', { cx: x1, cy: y1, r: 2.5, class: 'hop-head' });
  return [line, origin, head];
}
