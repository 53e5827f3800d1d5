import { colourOf } from './colours.js';
import { byId, element, write } from './element.js';
import { clock, counted, duration, shortId } from './format.js';
import { handleListInput, makeTabbable } from './keys.js';

/**
 * Creates the list of traces, latest first.
 *
 * @param {(id: string) => void} open - shows a trace and moves the keyboard focus to it
 */
export function makeList(open) {
  const list = byId('trace-list');
  const errorsOnly = byId('errors-only');
  const rows = new Map();
  let summaries = new Map();
  let current;

  handleListInput(list, { open: row => open(row.dataset.trace), back: () => byId('one').focus() });
  errorsOnly.addEventListener('change', show);

  function show() {
    const ordered = [...summaries.values()].sort((a, b) => b.start - a.start);
    let place = list.firstElementChild;
    for (const { id } of ordered) {
      const row = rows.get(id);
      if (row === place) place = place.nextElementSibling;
      else list.insertBefore(row, place);
    }
    for (const summary of ordered) rows.get(summary.id).hidden = errorsOnly.checked && summary.errors === 0;
    const visible = ordered.filter(({ id }) => !rows.get(id).hidden);
    if (!list.querySelector('[role=option][tabindex="0"]:not([hidden])') && visible.length > 0)
      makeTabbable(list, rows.get(visible[0].id));
    write(byId('count'), visible.length === 0 ? '' : String(visible.length));
    list.hidden = visible.length === 0;
    byId('no-traces').hidden = visible.length > 0;
    if (ordered.length > 0 && visible.length === 0) write(byId('no-traces'), 'No trace has an error.');
  }

  return {
    update(given, changed) {
      summaries = given;
      for (const [id, row] of rows) {
        if (summaries.has(id)) continue;
        // If the focused row is removed, move the focus to another row. Otherwise the browser would move it out of the list.
        if (row === document.activeElement) (row.previousElementSibling ?? list).focus();
        row.remove();
        rows.delete(id);
      }
      for (const summary of changed) {
        const row =
          rows.get(summary.id) ?? element('div', { role: 'option', tabindex: -1, 'data-trace': summary.id });
        rows.set(summary.id, row);
        fill(row, summary);
        row.ariaSelected = String(summary.id === current);
      }
      show();
    },
    /** Marks the row of the shown trace. */
    select(id) {
      if (current !== undefined && rows.has(current)) rows.get(current).ariaSelected = 'false';
      current = id;
      const row = rows.get(id);
      if (!row) return;
      row.ariaSelected = 'true';
      makeTabbable(list, row);
    },
    /** Moves the keyboard focus to the list. */
    focus() {
      list.querySelector('[role=option][tabindex="0"]')?.focus();
    },
  };
}

function fill(row, { id, name, services, spans, errors, start, ms, linked }) {
  row.classList.toggle('failed', errors > 0);
  row.replaceChildren(
    element('span', { class: 'name' }, errors > 0 ? element('b', { class: 'mark' }, '✖') : undefined, name),
    element('span', { class: 'number' }, duration(ms)),
    element(
      'span',
      { class: 'quiet facts' },
      element(
        'span',
        { class: 'dots', role: 'img', 'aria-label': services.join(', ') },
        ...services.map(service => element('i', { class: `dot ${colourOf(service)}`, title: service })),
      ),
      [
        counted(spans, 'span'),
        shortId(id),
        ...(linked.length > 0 ? [`links to ${counted(linked.length, 'trace')}`] : []),
        ...(errors > 0 ? [counted(errors, 'error')] : []),
      ].join(' · '),
    ),
    element('time', { class: 'quiet number', datetime: new Date(start).toISOString() }, clock(start)),
  );
}
