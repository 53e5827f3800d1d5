/** Dashboard rows about throughput, errors and latency. */
import type { Row } from './panel';
import * as q from './queries';

export const MESSAGES: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      {
        title: 'Sent',
        description: 'Messages per second that producers try to send.',
        shape: 'value',
        unit: 'mps',
        queries: [{ expr: q.sum(q.rate(q.SENT, q.PRODUCERS)), legend: 'sent' }],
      },
      {
        title: 'Consumed',
        description: 'Messages per second passed to handlers, redeliveries included.',
        shape: 'value',
        unit: 'mps',
        queries: [{ expr: q.sum(q.rate(q.CONSUMED, q.CONSUMERS)), legend: 'consumed' }],
      },
      {
        title: 'Failing handlers',
        description: 'Share of handler runs that end with an error.',
        shape: 'value',
        unit: 'percentunit',
        thresholds: [0.01, 0.1],
        queries: [{ expr: q.failing([], q.CONSUMERS), legend: 'failing' }],
      },
      {
        title: 'Lag',
        description: 'Unprocessed records of all partitions, as of the last fetch of each.',
        shape: 'value',
        unit: 'short',
        queries: [{ expr: q.sum(q.of(q.RECORDS_LAG, q.CONSUMERS)), legend: 'records' }],
      },
      {
        title: 'Furthest behind',
        description:
          'Age of the oldest record that a consumer is processing. It also grows while a handler hangs.',
        shape: 'value',
        unit: 's',
        thresholds: [60, 600],
        queries: [{ expr: q.max(q.of(q.TIME_LAG, q.CONSUMERS)), legend: 'time lag' }],
      },
      {
        title: 'Oldest heartbeat',
        description: 'Above 30 s (kafkajs’s default session timeout), the group removes the consumer.',
        shape: 'value',
        unit: 's',
        thresholds: [15, 30],
        queries: [{ expr: q.max(q.of(q.HEARTBEAT_AGE, q.MEMBERS)), legend: 'heartbeat' }],
      },
    ],
  },
  {
    title: 'Throughput and errors',
    panels: [
      {
        title: 'Messages sent, by topic',
        description: 'Messages that producers try to send. Failed attempts count here and under errors.',
        shape: 'lines',
        unit: 'mps',
        queries: [
          {
            expr: q.sum(q.rate(q.SENT, q.PRODUCERS), ['job', q.TOPIC]),
            legend: '{{job}} → {{messaging_destination_name}}',
          },
        ],
      },
      {
        title: 'Messages consumed, by group and topic',
        description:
          'Messages passed to handlers, redeliveries included. Zero while lag is above zero: stuck or dead.',
        shape: 'lines',
        unit: 'mps',
        queries: [
          {
            expr: q.sum(q.rate(q.CONSUMED, q.CONSUMERS), [q.GROUP, q.TOPIC]),
            legend: '{{messaging_consumer_group_name}} ← {{messaging_destination_name}}',
          },
        ],
      },
      {
        title: 'Errors by type',
        description:
          'Failed operations per second. The type is Kafka’s error name (REQUEST_TIMED_OUT), a system error code (ECONNREFUSED), or the class of the error that a handler threw.',
        shape: 'lines',
        unit: 'short',
        queries: [
          {
            expr: q.sum(q.rate(`${q.PROCESS}_count`, [...q.CONSUMERS, q.FAILED]), ['job', q.TOPIC, q.ERROR]),
            legend: '{{job}} process {{messaging_destination_name}}: {{error_type}}',
          },
          {
            expr: q.sum(q.rate(`${q.OPERATION}_count`, [...q.OPERATIONS, q.FAILED]), [
              'job',
              q.OPERATION_NAME,
              q.TOPIC,
              q.ERROR,
            ]),
            legend: '{{job}} {{messaging_operation_name}} {{messaging_destination_name}}: {{error_type}}',
          },
        ],
      },
      {
        title: 'Share of failing handler runs',
        description:
          'By group and topic. 100 % without progress: a record that always fails is delivered again and again.',
        shape: 'lines',
        unit: 'percentunit',
        queries: [
          {
            expr: q.failing([q.GROUP, q.TOPIC], q.CONSUMERS),
            legend: '{{messaging_consumer_group_name}} ← {{messaging_destination_name}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Latency',
    panels: [
      {
        title: 'Processing time',
        description: 'Duration of a handler run: one message in eachMessage, one batch in eachBatch.',
        shape: 'lines',
        unit: 's',
        queries: q.percentiles(q.PROCESS, q.CONSUMERS),
      },
      {
        title: 'Processing time p95, by group and topic',
        description: 'Shows which handler is slow.',
        shape: 'lines',
        unit: 's',
        queries: [
          {
            expr: q.quantile(0.95, q.PROCESS, q.CONSUMERS, [q.GROUP, q.TOPIC]),
            legend: '{{messaging_consumer_group_name}} ← {{messaging_destination_name}}',
          },
        ],
      },
      {
        title: 'Queue time',
        description:
          'From a record’s timestamp to the start of its handler; for a batch, its oldest record. A user waits this long in addition to the processing time.',
        shape: 'lines',
        unit: 's',
        queries: q.percentiles(q.QUEUE_TIME, q.CONSUMERS),
      },
      {
        title: 'Sending time',
        description: 'Duration of a send call until the brokers acknowledge it, kafkajs’s retries included.',
        shape: 'lines',
        unit: 's',
        queries: q.percentiles(q.OPERATION, [...q.PRODUCERS, 'messaging_operation_name="send"']),
      },
    ],
  },
];
