import type { Page as Tab } from 'puppeteer-core';

/** Runs in the browser. Ignores the parts of a text that a container cuts off. */
const FIND = String.raw`(() => {
  const isHidden = element =>
    element.closest('.hops, .visually-hidden, .u-wrap, title, option, script') !== null || !element.checkVisibility();
  const cut = (box, owner) => {
    let { left, right, top, bottom } = box;
    for (let one = owner; one !== null; one = one.parentElement) {
      if (getComputedStyle(one).overflowX === 'visible') continue;
      const frame = one.getBoundingClientRect();
      left = Math.max(left, frame.left);
      right = Math.min(right, frame.right);
      top = Math.max(top, frame.top);
      bottom = Math.min(bottom, frame.bottom);
    }
    return { left, right, top, bottom };
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const owner = node.parentElement;
    const text = node.textContent.trim();
    if (text === '' || isHidden(owner)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) texts.push({ text, owner, box: cut(box, owner) });
  }
  const problems = [];
  const overlap = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
  for (const [index, one] of texts.entries()) {
    for (const other of texts.slice(index + 1)) {
      if (one.owner !== other.owner && overlap(one.box, other.box))
        problems.push(JSON.stringify(one.text) + ' overlaps ' + JSON.stringify(other.text));
    }
  }
  for (const frame of document.querySelectorAll('.map .frame')) {
    if (isHidden(frame)) continue;
    const box = frame.getBoundingClientRect();
    for (const { text, owner, box: place } of texts) {
      const isOther = owner.closest('.map') !== null && !frame.parentElement.contains(owner);
      if (isOther && overlap(box, place)) problems.push(JSON.stringify(text) + ' is on a box of the map');
    }
  }
  const width = document.documentElement.clientWidth;
  for (const element of document.querySelectorAll('body *')) {
    if (isHidden(element)) continue;
    const { left, right } = cut(element.getBoundingClientRect(), element.parentElement);
    if (right > left && right > width + 0.5) problems.push('too wide: ' + element.outerHTML.slice(0, 120));
  }
  if (document.documentElement.scrollWidth > width) problems.push('the page scrolls to the right');
  return problems;
})()`;

/** Finds texts that overlap each other or a box of the map, and elements that are wider than the page. */
export const layoutProblems = (tab: Tab): Promise<string[]> => tab.evaluate(FIND) as Promise<string[]>;
