import { colourOf } from './colours.js';
import { element, write } from './element.js';
import { makeRows } from './rows.js';

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {(item: object) => string} text
 * @property {boolean} [number] aligns to the right
 * @property {(item: object) => string | undefined} [link] the part of the URL after `#` to open
 * @property {(item: object) => string | undefined} [colour] the service whose colour a dot shows
 * @property {(item: object) => boolean} [failed] true shows the text as an error
 */

/**
 * Creates a table. On narrow screens, each row becomes a block that contains the column titles. Without `display:
 * table`, browsers do not tell screen readers that this is a table, so the elements have explicit roles.
 *
 * @param {string} label
 * @param {readonly Column[]} columns
 * @param {(item: object) => string} key
 */
export function makeTable(label, columns, key) {
  const body = element('tbody', { role: 'rowgroup' });
  const head = element(
    'tr',
    { role: 'row' },
    ...columns.map(({ title, number }) =>
      element('th', { role: 'columnheader', scope: 'col', class: number ? 'number' : undefined }, title),
    ),
  );
  const root = element(
    'table',
    { role: 'table', class: 'stack', 'aria-label': label },
    element('thead', { role: 'rowgroup' }, head),
    body,
  );
  const update = makeRows(body, {
    key,
    make: () => element('tr', { role: 'row' }, ...columns.map(cellOf)),
    fill(row, item) {
      for (const [index, column] of columns.entries()) fillCell(row.cells[index], column, item);
    },
  });
  return { root, update };
}

function cellOf({ title, number, link, colour }) {
  const value = element(link ? 'a' : 'span', { class: 'value' });
  const dot = colour ? element('i', { class: 'dot' }) : undefined;
  return element(
    'td',
    { role: 'cell', class: number ? 'number' : undefined, 'data-title': title },
    element('span', { class: 'cell' }, dot, value),
  );
}

function fillCell(cell, { text, link, colour, failed }, item) {
  const value = cell.querySelector('.value');
  write(value, text(item));
  value.classList.toggle('failed-text', failed?.(item) ?? false);
  if (link) {
    const target = link(item);
    if (target === undefined) value.removeAttribute('href');
    else value.setAttribute('href', target);
  }
  if (colour) {
    const service = colour(item);
    const dot = cell.querySelector('.dot');
    dot.className = service === undefined ? 'dot' : `dot ${colourOf(service)}`;
    dot.hidden = service === undefined;
  }
}
