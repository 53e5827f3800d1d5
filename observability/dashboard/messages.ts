/** What is sent and consumed, what fails, and how long it takes. */
import type { Row } from './panel';
import * as q from './queries';

export const MESSAGES: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      {
        title: 'Sent',
        description: 'Messages that producers try to write, per second.',
        shape: 'value',
        unit: 'mps',
        queries: [{ expr: q.sum(q.rate(q.SENT, q.PRODUCERS)), legend: 'sent' }],
      },
      {
        title: 'Consumed',
        description: 'Messages handed to handlers, per second, redeliveries too.',
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
        title: 'Behind',
        description: 'Records that are not processed yet, over all partitions, as of the last fetch of each.',
        shape: 'value',
        unit: 'short',
        queries: [{ expr: q.sum(q.of(q.RECORDS_LAG, q.CONSUMERS)), legend: 'records' }],
      },
      {
        title: 'Furthest behind',
        description: 'Age of the oldest record that any consumer is at. It also grows while a handler hangs.',
        shape: 'value',
        unit: 's',
        thresholds: [60, 600],
        queries: [{ expr: q.max(q.of(q.TIME_LAG, q.CONSUMERS)), legend: 'time lag' }],
      },
      {
        title: 'Oldest heartbeat',
        description:
          'Above 30 s (kafkajs’s default session timeout) a consumer has been, or will be, put out of its group.',
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
        description: 'What producers try to write. Failed attempts are in it, and in the errors beside it.',
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
        description: 'What handlers are given, redeliveries too. Zero with lag above zero: stuck or dead.',
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
          'Operations per second that fail. The type is Kafka’s name of the error (REQUEST_TIMED_OUT), a system code (ECONNREFUSED), or the class of what a handler threw.',
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
          'By group and topic. 100 % with no progress is a record that cannot be handled, delivered over and over.',
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
    title: 'How long it takes',
    panels: [
      {
        title: 'Processing time',
        description: 'Of a handler run: one message in eachMessage, one batch in eachBatch.',
        shape: 'lines',
        unit: 's',
        queries: q.percentiles(q.PROCESS, q.CONSUMERS),
      },
      {
        title: 'Processing time p95, by group and topic',
        description: 'Which handler is the slow one.',
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
          'From a record’s timestamp to the start of its handler; of a batch, the oldest record. It is what a user waits beyond the processing itself.',
        shape: 'lines',
        unit: 's',
        queries: q.percentiles(q.QUEUE_TIME, q.CONSUMERS),
      },
      {
        title: 'Sending time',
        description: 'Of a send call until the brokers have acknowledged it, kafkajs’s retries included.',
        shape: 'lines',
        unit: 's',
        queries: q.percentiles(q.OPERATION, [...q.PRODUCERS, 'messaging_operation_name="send"']),
      },
    ],
  },
];
