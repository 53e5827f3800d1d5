import { element, write } from './element.js';
import { seconds, whole } from './format.js';
import { makeRows } from './rows.js';

/** In a group with more partitions, only those with the most lag are shown until a click shows all. */
const SHOWN = 12;

/** A bar compares the lag of a partition with the largest lag of the group. */
export function makePartitions(group) {
  const body = element('tbody');
  const table = element(
    'table',
    { class: 'partitions', 'aria-label': `Lag of ${group} by partition` },
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, 'Partition'),
        element('th', { scope: 'col', class: 'number' }, 'Lag'),
        element('td', { class: 'bar-cell' }),
        element('th', { scope: 'col', class: 'number' }, 'Time lag'),
      ),
    ),
    body,
  );
  const more = element('button', { type: 'button', hidden: true, 'aria-expanded': 'false' });
  const none = element(
    'p',
    { class: 'quiet' },
    'The lag of this group is not known yet. It comes with the first metrics of its members.',
  );
  const rows = makeRows(body, {
    key: ({ topic, partition }) => `${topic} ${partition}`,
    make: makeRow,
    fill,
  });
  let all = false;
  let latest = [];

  const show = () => {
    const isCut = latest.length > SHOWN && !all;
    const shown = isCut ? [...latest].sort((a, b) => b.lag - a.lag).slice(0, SHOWN) : latest;
    // Use at least 10, so that all bars stay short if the lag is only a few messages.
    const largest = Math.max(10, ...latest.map(({ lag }) => lag));
    rows([...shown].sort(inOrder).map(row => ({ ...row, share: row.lag / largest })));
    more.hidden = latest.length <= SHOWN;
    more.ariaExpanded = String(all);
    write(more, all ? `Show the ${SHOWN} with the most lag` : `Show all ${whole(latest.length)} partitions`);
    table.hidden = latest.length === 0;
    none.hidden = latest.length > 0;
  };
  more.addEventListener('click', () => {
    all = !all;
    show();
  });
  return {
    root: element('div', {}, none, table, more),
    update(partitions) {
      latest = partitions;
      show();
    },
  };
}

const inOrder = (a, b) => a.topic.localeCompare(b.topic) || Number(a.partition) - Number(b.partition);

const makeRow = () =>
  element(
    'tr',
    {},
    element('th', { scope: 'row' }),
    element('td', { class: 'number' }),
    element('td', { class: 'bar-cell' }, element('i', { class: 'lag-bar' })),
    element('td', { class: 'number' }),
  );

function fill(row, { topic, partition, lag, timeLag, share }) {
  const [name, messages, bar, age] = row.cells;
  write(name, `${topic} / ${partition}`);
  write(messages, whole(lag));
  write(age, seconds(timeLag));
  bar.firstChild.style.setProperty('--long', `${100 * share}%`);
}
