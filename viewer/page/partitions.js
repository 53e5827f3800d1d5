import { byId, element, write } from './element.js';
import { seconds, whole } from './format.js';

/** Shows the lag of each partition in a table. */
export function showPartitions(partitions) {
  const body = byId('partitions').querySelector('tbody');
  while (body.rows.length > partitions.length) body.deleteRow(-1);
  for (const [index, { group, topic, partition, lag, timeLag }] of partitions.entries()) {
    const row = body.rows[index] ?? newRow(body);
    const texts = [group, topic, partition, whole(lag), seconds(timeLag)];
    for (const [column, text] of texts.entries()) write(row.cells[column], text);
  }
}

function newRow(body) {
  const cells = ['', '', 'number', 'number', 'number'].map(kind => element('td', { class: kind }));
  const row = element('tr', {}, ...cells);
  body.append(row);
  return row;
}
