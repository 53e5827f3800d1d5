/** How far behind consumers are, and whether they are well. */
import type { Row } from './panel';
import * as q from './queries';

export const CONSUMERS: readonly Row[] = [
  {
    title: 'Lag',
    panels: [
      {
        title: 'Lag, by group and partition',
        description:
          'End of the partition at the last fetch less the next record to process. It does not see what is written while a handler hangs: compare time lag.',
        shape: 'lines',
        unit: 'short',
        queries: [{ expr: q.max(q.of(q.RECORDS_LAG, q.CONSUMERS), q.PARTITION), legend: q.PARTITION_LEGEND }],
      },
      {
        title: 'Time lag, by group and partition',
        description:
          'Age of the record that the consumer is at; 0 when all are processed. A line that climbs by a second each second is a partition that stands still.',
        shape: 'lines',
        unit: 's',
        queries: [{ expr: q.max(q.of(q.TIME_LAG, q.CONSUMERS), q.PARTITION), legend: q.PARTITION_LEGEND }],
      },
      {
        title: 'Furthest behind now',
        description: 'The 20 partitions with the greatest time lag, and who has them.',
        shape: 'table',
        unit: 's',
        queries: [
          {
            expr: `topk(20, ${q.max(q.of(q.TIME_LAG, q.CONSUMERS), ['job', 'instance', ...q.PARTITION])})`,
            legend: q.PARTITION_LEGEND,
          },
        ],
      },
    ],
  },
  {
    title: 'Consumers',
    panels: [
      {
        title: 'Assigned partitions',
        description:
          'By process. The lines of a group add up to the partitions of its topics; a consumer that crashed stays at 0, and a standby is there too.',
        shape: 'lines',
        unit: 'short',
        queries: [
          {
            expr: q.sum(q.of(q.ASSIGNED, q.MEMBERS), ['job', 'instance', q.GROUP]),
            legend: '{{messaging_consumer_group_name}} in {{job}} {{instance}}',
          },
        ],
      },
      {
        title: 'Heartbeat age',
        description:
          'Usually below 4 s. It climbs while a handler holds the consumer up, and for ever after a crash.',
        shape: 'lines',
        unit: 's',
        thresholds: [15, 30],
        queries: [
          {
            expr: q.max(q.of(q.HEARTBEAT_AGE, q.MEMBERS), ['job', 'instance', q.GROUP]),
            legend: '{{messaging_consumer_group_name}} in {{job}} {{instance}}',
          },
        ],
      },
      {
        title: 'Rebalances',
        description:
          'How often consumers had to join their group again. A deployment makes a few; a steady row of bars is a storm.',
        shape: 'bars',
        unit: 'short',
        queries: [
          {
            expr: q.sum(q.happened(q.REBALANCES, q.MEMBERS), [q.GROUP]),
            legend: '{{messaging_consumer_group_name}}',
          },
        ],
      },
      {
        title: 'Crashes',
        description:
          'By the type of the error, and whether kafkajs starts the consumer again. One that it does not start again is dead.',
        shape: 'bars',
        unit: 'short',
        queries: [
          {
            expr: q.sum(q.happened(q.CRASHES, q.MEMBERS), [q.GROUP, q.ERROR, 'kafka_consumer_restarts']),
            legend:
              '{{messaging_consumer_group_name}}: {{error_type}}, restarts: {{kafka_consumer_restarts}}',
          },
        ],
      },
    ],
  },
];
