/** Dashboard rows about consumer lag and the health of consumers. */
import type { Row } from './panel';
import * as q from './queries';

export const CONSUMERS: readonly Row[] = [
  {
    title: 'Lag',
    panels: [
      {
        title: 'Lag, by group and partition',
        description:
          'End of the partition at the last fetch, minus the next record to process. It does not grow while a handler hangs, because nothing is fetched then: compare the time lag.',
        shape: 'lines',
        unit: 'short',
        queries: [{ expr: q.max(q.of(q.RECORDS_LAG, q.CONSUMERS), q.PARTITION), legend: q.PARTITION_LEGEND }],
      },
      {
        title: 'Time lag, by group and partition',
        description:
          'Age of the record that the consumer is processing; 0 if all are processed. A line that rises by one second per second is a stuck partition.',
        shape: 'lines',
        unit: 's',
        queries: [{ expr: q.max(q.of(q.TIME_LAG, q.CONSUMERS), q.PARTITION), legend: q.PARTITION_LEGEND }],
      },
      {
        title: 'Furthest behind now',
        description: 'The 20 partitions with the greatest time lag, and the processes that consume them.',
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
          'By process. The lines of a group add up to the partitions of its topics. A crashed consumer and an idle standby show 0.',
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
          'Usually below 4 s. It rises while a handler blocks the consumer, and without end after a crash.',
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
          'How often consumers rejoined their group. A deployment causes a few; permanent bars are a rebalance storm.',
        shape: 'bars',
        unit: 'short',
        queries: [
          {
            expr: q.sum(q.events(q.REBALANCES, q.MEMBERS), [q.GROUP]),
            legend: '{{messaging_consumer_group_name}}',
          },
        ],
      },
      {
        title: 'Crashes',
        description:
          'By error type, and whether kafkajs restarts the consumer. A consumer that it does not restart is dead.',
        shape: 'bars',
        unit: 'short',
        queries: [
          {
            expr: q.sum(q.events(q.CRASHES, q.MEMBERS), [q.GROUP, q.ERROR, 'kafka_consumer_restarts']),
            legend:
              '{{messaging_consumer_group_name}}: {{error_type}}, restarts: {{kafka_consumer_restarts}}',
          },
        ],
      },
    ],
  },
];
