import { byId } from './element.js';
import { whole } from './format.js';
import { traceRoute } from './route.js';
import { makeTable } from './table.js';

export function makeErrors() {
  const table = makeTable(
    'Errors by type',
    [
      { title: 'Type', text: ({ type }) => type, failed: () => true },
      { title: 'Service', text: ({ service }) => service, colour: ({ service }) => service },
      { title: 'Spans', number: true, text: ({ count }) => whole(count) },
      {
        title: 'Latest',
        text: () => 'Open the latest trace',
        link: ({ lastTrace }) => traceRoute(lastTrace),
      },
    ],
    ({ type, service }) => `${service} ${type}`,
  );
  byId('errors').append(table.root);
  return {
    update(errors) {
      table.update(errors);
      table.root.hidden = errors.length === 0;
      byId('no-errors').hidden = errors.length > 0;
    },
  };
}
