import { colourOf } from './colours.js';
import { byId, element } from './element.js';
import { clock, counted, duration, shortId } from './format.js';
import { handleListInput, makeTabbable } from './keys.js';
import { makeRows } from './rows.js';

/**
 * Creates the list of traces, latest first.
 *
 * @param {{ open(id: string): void, openAlike(trace: object): void, back(): void }} handlers
 */
export function makeList({ open, openAlike, back }) {
  const list = byId('trace-list');
  let last;
  let alike = new Map();
  handleListInput(list, {
    open: row => (row.dataset.alike ? openAlike(alike.get(row.dataset.alike)) : open(row.dataset.trace)),
    back,
  });
  const update = makeRows(list, {
    key: ({ id }) => id,
    make: ({ id, like }) =>
      element('div', {
        role: 'option',
        tabindex: -1,
        'aria-selected': 'false',
        [like ? 'data-alike' : 'data-trace']: id,
      }),
    fill: (row, item) => (item.like ? fillAlike(row, item.like) : fill(row, item)),
  });
  const rowOf = id => list.querySelector(`[data-trace="${CSS.escape(id)}"]`);

  return {
    update(traces) {
      alike = new Map(
        traces.filter(({ similar }) => similar > 0).map((like, index) => [`alike ${index}`, like]),
      );
      const after = new Map([...alike].map(([id, like]) => [like, { id, like }]));
      update(traces.flatMap(trace => (after.has(trace) ? [trace, after.get(trace)] : [trace])));
      list.hidden = traces.length === 0;
      if (last !== undefined) rowOf(last)?.setAttribute('aria-selected', 'true');
      const first = list.querySelector('[role=option]');
      if (first && !list.querySelector('[role=option][tabindex="0"]')) makeTabbable(list, first);
    },
    select(id) {
      for (const row of list.querySelectorAll('[aria-selected=true]')) row.ariaSelected = 'false';
      last = id;
      const row = rowOf(id);
      if (!row) return;
      row.ariaSelected = 'true';
      makeTabbable(list, row);
    },
    focus() {
      list.querySelector('[role=option][tabindex="0"]')?.focus();
    },
  };
}

/** Says how many traces the list leaves out after a trace. */
function fillAlike(row, { similar, name }) {
  row.replaceChildren(
    element(
      'span',
      { class: 'quiet alike' },
      `${counted(similar, 'more trace')} ${similar === 1 ? 'starts' : 'start'} with `,
      element('b', {}, name),
    ),
  );
}

function fill(row, { id, name, services, topics, spans, errors, start, ms, linked, linkedFrom, keys, logs }) {
  row.classList.toggle('failed', errors > 0);
  const facts = [
    shortId(id),
    counted(spans, 'span'),
    ...(logs > 0 ? [counted(logs, 'log record')] : []),
    ...(linked.length > 0 ? [`links to ${counted(linked.length, 'trace')}`] : []),
    ...(linkedFrom.length > 0 ? [`linked from ${counted(linkedFrom.length, 'trace')}`] : []),
    ...(keys.length === 1 ? [`key ${keys[0]}`] : keys.length > 1 ? [counted(keys.length, 'key')] : []),
  ];
  row.replaceChildren(
    element(
      'span',
      { class: 'title' },
      errors > 0 ? element('b', { class: 'mark', 'aria-hidden': 'true' }, '✖') : undefined,
      element('span', { class: 'name' }, name),
      errors > 0 ? element('span', { class: 'error-count' }, counted(errors, 'error')) : undefined,
    ),
    element(
      'span',
      { class: 'path' },
      ...services.map(service =>
        element('span', { class: 'service' }, element('i', { class: `dot ${colourOf(service)}` }), service),
      ),
    ),
    element('span', { class: 'number long' }, duration(ms)),
    element('span', { class: 'quiet facts' }, facts.join(' · ')),
    element('span', { class: 'quiet topics' }, topics.join(', ')),
    element('time', { class: 'quiet number', datetime: new Date(start).toISOString() }, clock(start)),
  );
}
