import { assignGroupColours, colourOf } from './colours.js';
import { byId, element, write } from './element.js';
import { makeFigures } from './figures.js';
import { counted, duration, seconds, whole } from './format.js';
import { makePartitions } from './partitions.js';
import { listRoute } from './route.js';
import { makeRows } from './rows.js';
import { makeTable } from './table.js';

const MEMBER_COLUMNS = [
  { title: 'Member', text: ({ instance }) => instance || '–' },
  { title: 'Service', text: ({ service }) => service, colour: ({ service }) => service },
  { title: 'Client', text: ({ clientId }) => clientId ?? '–' },
  { title: 'Assigned', text: assignment },
  {
    title: 'Heartbeat',
    number: true,
    text: ({ heartbeatAge }) => (heartbeatAge === undefined ? '–' : `${seconds(heartbeatAge)} ago`),
  },
  { title: 'Rebalances', number: true, text: ({ rebalances }) => whole(rebalances) },
  {
    title: 'Crashes',
    number: true,
    text: ({ crashes }) => whole(crashes),
    failed: ({ crashes }) => crashes > 0,
  },
];

export function makeConsumers() {
  const cards = new Map();
  const rows = makeRows(byId('groups'), {
    key: ({ group }) => group,
    make({ group }) {
      const card = makeCard(group);
      cards.set(group, card);
      return card.root;
    },
    fill: (_, group) => cards.get(group.group).update(group),
  });
  return {
    update({ groups, map }) {
      assignGroupColours(map.nodes);
      rows([...groups].sort((a, b) => a.group.localeCompare(b.group)));
      byId('no-groups').hidden = groups.length > 0;
    },
  };
}

function makeCard(group) {
  const dot = element('i', { class: 'dot' });
  const facts = element('span', { class: 'quiet' });
  const figures = element('dl', { class: 'totals' });
  const showFigures = makeFigures(figures, ['Lag', 'Time lag', 'Processing p50', 'p95', 'p99', 'Errors']);
  const partitions = makePartitions(group);
  const members = makeTable(`Members of ${group}`, MEMBER_COLUMNS, ({ instance, clientId, service }) =>
    [service, instance, clientId].join(' '),
  );
  const noMembers = element('p', { class: 'quiet' }, 'No member has reported to the viewer yet.');
  const root = element(
    'article',
    { class: 'group-card', 'data-group': group, 'aria-label': `Consumer group ${group}` },
    element(
      'div',
      { class: 'bar-title' },
      element('h2', {}, dot, group),
      facts,
      element('a', { href: listRoute({ group }), 'aria-label': `Traces of ${group}` }, 'Traces'),
    ),
    figures,
    element(
      'div',
      { class: 'halves' },
      element('div', {}, element('h3', {}, 'Lag by partition'), partitions.root),
      element('div', {}, element('h3', {}, 'Members'), noMembers, members.root),
    ),
  );
  return {
    root,
    update({ members: own, partitions: lags, processing, errors }) {
      dot.className = `dot ${colourOf(group)}`;
      const isKnown = lags.length > 0;
      const percentile = name => (processing === undefined ? '–' : duration(processing[name]));
      const texts = [
        isKnown ? whole(lags.reduce((sum, { lag }) => sum + lag, 0)) : '–',
        isKnown ? seconds(Math.max(...lags.map(({ timeLag }) => timeLag))) : '–',
        percentile('p50'),
        percentile('p95'),
        percentile('p99'),
        whole(errors),
      ];
      showFigures(texts, errors);
      write(
        facts,
        [
          counted(own.length, 'member'),
          counted(lags.length, 'partition'),
          ...(processing === undefined
            ? []
            : [
                processing.source === 'spans'
                  ? `processing from ${counted(processing.count, 'span')} of the last minute`
                  : 'processing estimated from metrics of the last minute, because most messages have no span',
              ]),
        ].join(' · '),
      );
      noMembers.hidden = own.length > 0;
      members.root.hidden = own.length === 0;
      members.update(own);
      partitions.update(lags);
    },
  };
}

/** Returns the number of partitions by topic, such as `orders 3, refunds 1`. */
function assignment({ assigned }) {
  const topics = Object.entries(assigned).sort(([a], [b]) => a.localeCompare(b));
  return topics.length === 0
    ? 'nothing'
    : topics.map(([topic, count]) => `${topic} (${whole(count)})`).join(', ');
}
