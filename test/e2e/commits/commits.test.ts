import type { ReceivedSpan } from '../../support/otlp';
import { exceptionEvent, expectSpans, traceOf, type ExpectedSpan } from '../../support/spans';
import { createTopics, leaderAttributes } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from '../flow/attributes';
import { run, type Run } from '../flow/run';

const ROLES = { manual: 1, due: 1, given: 1, refused: 1, stopping: 1, paid: 1, receipts: 1 };
type Topics = Record<keyof typeof ROLES, string>;

let topics: Topics;
let traced: Run;
let without: Run;
let bare: Run;
let attributes: ExpectedAttributes;
let cluster: unknown;

const runProgram = async (own: Topics, options: { bare?: boolean; env?: Record<string, string> } = {}) =>
  run('commits.cjs', { folder: 'commits', topics: own, ...options });

beforeAll(async () => {
  topics = await createTopics(ROLES);
  cluster = (await leaderAttributes(topics.manual))['messaging.kafka.cluster.id'];
  attributes = await expectedAttributes(topics.manual);
  [traced, without, bare] = await Promise.all([
    runProgram(topics),
    runProgram(await createTopics(ROLES), { env: { OTEL_INSTRUMENTATION_KAFKA_COMMIT_SPANS: 'none' } }),
    runProgram(await createTopics(ROLES), { bare: true }),
  ]);
}, 120_000);

/** The expected commit span. It has partition 0 if it has a topic. */
const committed = (
  topic: string | undefined,
  parent: string,
  group: string,
  rest: Partial<ExpectedSpan> = {},
) => ({
  name: topic === undefined ? 'commit' : `commit ${topic}`,
  kind: 'CLIENT',
  parent,
  ...rest,
  attributes: {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'commit',
    'messaging.operation.type': 'settle',
    'messaging.consumer.group.name': group,
    'messaging.client.id': 'flow',
    'messaging.kafka.cluster.id': cluster,
    ...(topic === undefined
      ? {}
      : {
          'messaging.destination.name': topic,
          'messaging.destination.partition.id': '0',
          'messaging.kafka.partition': 0,
        }),
    ...rest.attributes,
  },
});
const sent = (topic: string, parent?: string): ExpectedSpan => ({
  kind: 'PRODUCER',
  ...(parent === undefined ? {} : { parent }),
  attributes: attributes('send', topic, { partition: 0, offset: 0 }),
});
const processed = (topic: string): ExpectedSpan => ({
  name: `process ${topic}`,
  kind: 'CONSUMER',
  parent: `send ${topic}`,
  links: [{ to: `send ${topic}` }],
  attributes: attributes('process', topic, { partition: 0, offset: 0 }),
});
/** Compares the spans of the trace that starts with the send to a topic. */
const traceOfTopic = (topic: string, options?: Parameters<typeof expectSpans>[1]) =>
  expectSpans(traceOf(traced.spans, `send ${topic}`), options);

test('every call has the same result, and commits the same offsets, as without instrumentation', () => {
  expect(traced.reported).toEqual(bare.reported);
  expect(without.reported).toEqual(bare.reported);
});

test('commitOffsets has a span as a child of its handler, and none if there is nothing to commit', () => {
  const { manual } = topics;
  traceOfTopic(manual).toEqual({
    [`send ${manual}`]: sent(manual),
    [`process ${manual}`]: processed(manual),
    [`commit ${manual}`]: committed(manual, `process ${manual}`, manual),
  });
});

test('1,000 calls of commitOffsetsIfNecessary that commit twice have two spans', () => {
  const { due } = topics;
  expect(traced.reported['asked']).toBe(1000);
  traceOfTopic(due).toEqual({
    [`send ${due}`]: {
      kind: 'PRODUCER',
      attributes: attributes('send', due, { partition: 0, count: 1000 }),
    },
    [`process ${due}`]: {
      kind: 'CONSUMER',
      parent: `send ${due}`,
      links: [{ to: `send ${due}` }],
      attributes: attributes('process', due, { partition: 0, count: 1000 }),
    },
    [`commit ${due} #1`]: committed(due, `process ${due}`, due),
    [`commit ${due} #2`]: committed(due, `process ${due}`, due),
  });
});

test('commitOffsets with explicit offsets has one span, inside withMessageSpan and for several topics', () => {
  const { given } = topics;
  const [batch, message] = ['the batch', 'its message'];
  // The span of the batch and the span of the message have the same name and can start in the same millisecond.
  const label = ({ name, attributes: { 'messaging.batch.message_count': count } }: ReceivedSpan) =>
    name !== `process ${given}` ? name : count === undefined ? message : batch;
  const { links: [toProducer] = [] } = processed(given);
  traceOfTopic(given, { label }).toEqual({
    [`send ${given}`]: sent(given),
    [batch]: {
      ...processed(given),
      name: `process ${given}`,
      links: [{ to: `send ${given}`, attributes: { 'messaging.kafka.offset': 0 } }],
      attributes: attributes('process', given, { partition: 0, count: 1 }),
    },
    [message]: {
      ...processed(given),
      name: `process ${given}`,
      links: [...(toProducer ? [toProducer] : []), { to: batch }],
    },
    [`commit ${given}`]: committed(given, message, given),
    commit: committed(undefined, batch, given),
  });
});

test('commits that kafkajs rejects have failed spans with the attributes that could be read', () => {
  const { refused } = topics;
  const failed = (type: string, message: string) => ({
    status: { code: 'ERROR', message },
    events: [exceptionEvent(type, message)],
    attributes: { 'error.type': type },
  });
  const partition = 'Invalid partition, expected a number received x';
  const { attributes: all, ...span } = committed(
    refused,
    `process ${refused}`,
    refused,
    failed('KafkaJSNonRetriableError', partition),
  );
  const ofPartition = ['messaging.destination.partition.id', 'messaging.kafka.partition'];
  traceOfTopic(refused).toEqual({
    [`send ${refused}`]: sent(refused),
    [`process ${refused}`]: processed(refused),
    [`commit ${refused}`]: {
      ...span,
      attributes: Object.fromEntries(Object.entries(all).filter(([name]) => !ofPartition.includes(name))),
    },
    commit: committed(
      undefined,
      `process ${refused}`,
      refused,
      failed('TypeError', 'topicPartitions.reduce is not a function'),
    ),
  });
});

test('a commit that kafkajs drops because the consumer stops has no span', () => {
  const { stopping } = topics;
  expect(traced.reported['stopping']).toEqual([['-1']]);
  traceOfTopic(stopping).toEqual({
    [`send ${stopping}`]: sent(stopping),
    [`process ${stopping}`]: processed(stopping),
  });
});

test("the span of a transaction's sendOffsets is a child of the transaction, which is a child of its handler", () => {
  const { paid, receipts } = topics;
  const ended = 'Cannot continue to use transaction once ended';
  traceOfTopic(paid).toEqual({
    [`send ${paid}`]: sent(paid),
    [`process ${paid}`]: processed(paid),
    transaction: {
      kind: 'INTERNAL',
      parent: `process ${paid}`,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.client.id': 'flow',
        'messaging.kafka.cluster.id': cluster,
        'kafka.transaction.outcome': 'committed',
      },
    },
    [`send ${receipts}`]: sent(receipts, 'transaction'),
    [`commit ${paid} #1`]: committed(paid, 'transaction', paid),
    [`commit ${paid} #2`]: committed(paid, 'transaction', paid, {
      status: { code: 'ERROR', message: ended },
      events: [exceptionEvent('KafkaJSNonRetriableError', ended)],
      attributes: { 'error.type': 'KafkaJSNonRetriableError' },
    }),
  });
});

test('a commit of a consumer that never ran has a failed span', () => {
  const { manual } = topics;
  const message = 'Consumer group was not initialized, consumer#run must be called first';
  expectSpans(traceOf(traced.spans, 'never run')).toEqual({
    'never run': { kind: 'INTERNAL' },
    [`commit ${manual}`]: {
      kind: 'CLIENT',
      parent: 'never run',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'commit',
        'messaging.operation.type': 'settle',
        'messaging.destination.name': manual,
        'messaging.destination.partition.id': '0',
        'messaging.kafka.partition': 0,
        'messaging.consumer.group.name': manual,
        'error.type': 'KafkaJSNonRetriableError',
      },
      status: { code: 'ERROR', message },
      events: [exceptionEvent('KafkaJSNonRetriableError', message)],
    },
  });
});

test("with commitSpans 'none', no commit has a span", () => {
  const isCommit = ({ name }: { name: string }) => name.startsWith('commit');
  expect(without.spans.filter(isCommit)).toEqual([]);
  const others = traced.spans.filter(span => !isCommit(span));
  expect(without.spans).toHaveLength(others.length);
});
