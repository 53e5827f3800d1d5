import { expectSpans, traceOf, type ExpectedSpan } from '../../support/spans';
import { LAB_DEADLINE_MS } from '../../support/confluent';
import { createTopics, leaderAttributes } from '../../support/topics';
import { CONFLUENT } from '../flow/client';
import { run, type Run } from '../flow/run';

const ROLES = { first: 1, second: 1 };

let topics: Record<keyof typeof ROLES, string>;
let traced: Run;
let bare: Run;
let ofCluster: Record<string, unknown>;

beforeAll(async () => {
  topics = await createTopics(ROLES);
  ofCluster = await leaderAttributes(topics.first);
  const options = { client: CONFLUENT, folder: 'confluent' };
  traced = await run('both.cjs', { ...options, topics, metrics: true });
  bare = await run('both.cjs', { ...options, topics: await createTopics(ROLES), bare: true });
}, LAB_DEADLINE_MS);

const attributes = (library: 'kafkajs' | 'confluent', operation: string, topic: string) => ({
  'messaging.system': 'kafka',
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  'messaging.destination.name': topic,
  'messaging.destination.partition.id': '0',
  'messaging.kafka.partition': 0,
  'messaging.kafka.offset': 0,
  'messaging.kafka.message.key': 'k',
  'messaging.client.id': `of-${library}`,
  ...(operation === 'process' ? { 'messaging.consumer.group.name': topic } : {}),
  ...(library === 'kafkajs' ? ofCluster : {}),
});

test('messages arrive as without instrumentation', () => {
  expect(traced.reported).toEqual(bare.reported);
});

test('a message from kafkajs through Confluent to kafkajs is one trace', () => {
  const { first, second } = topics;
  const send = (library: 'kafkajs' | 'confluent', topic: string, parent: string): ExpectedSpan => ({
    kind: 'PRODUCER',
    parent,
    attributes: attributes(library, 'send', topic),
  });
  const process = (library: 'kafkajs' | 'confluent', topic: string): ExpectedSpan => ({
    kind: 'CONSUMER',
    parent: `send ${topic}`,
    links: [{ to: `send ${topic}` }],
    attributes: attributes(library, 'process', topic),
  });
  expectSpans(traceOf(traced.spans, 'request')).toEqual({
    request: { kind: 'INTERNAL' },
    [`send ${first}`]: send('kafkajs', first, 'request'),
    [`process ${first}`]: process('confluent', first),
    [`send ${second}`]: send('confluent', second, `process ${first}`),
    [`process ${second}`]: process('kafkajs', second),
  });
});

test('each message is counted once, and each metric has one instrument for both libraries', () => {
  const { first, second } = topics;
  // The last export of a metric contains all its values.
  const last = new Map(traced.metrics.map(metric => [`${metric.scope} ${metric.name}`, metric]));
  const names = [...last.values()].map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  const counts = (name: string) => {
    const metric = [...last.values()].find(each => each.name === name);
    return new Map(
      metric?.points.map(({ attributes: { 'messaging.destination.name': topic }, value }) => [
        topic,
        value,
      ]) ?? [],
    );
  };
  for (const name of ['messaging.client.sent.messages', 'messaging.client.consumed.messages'])
    expect(counts(name)).toEqual(
      new Map([
        [first, 1],
        [second, 1],
      ]),
    );
  const groups = [...last.values()]
    .find(({ name }) => name === 'messaging.process.duration')
    ?.points.map(({ attributes: all }) => all['messaging.consumer.group.name']);
  expect(groups?.sort()).toEqual([first, second].sort());
});
