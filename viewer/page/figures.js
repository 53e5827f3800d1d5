import { element, write } from './element.js';

/**
 * Adds figures with titles to a list. The last figure is the number of errors.
 *
 * @param {HTMLElement} list a `dl`
 * @param {readonly string[]} titles
 * @returns {(texts: readonly string[], errors: number) => void} shows one text under each title, in the same order
 */
export function makeFigures(list, titles) {
  const values = titles.map(title => {
    const value = element('dd', { 'data-figure': title }, '–');
    list.append(element('div', {}, element('dt', {}, title), value));
    return value;
  });
  return (texts, errors) => {
    for (const [index, text] of texts.entries()) write(values[index], text);
    values.at(-1).classList.toggle('failed-text', errors > 0);
  };
}
