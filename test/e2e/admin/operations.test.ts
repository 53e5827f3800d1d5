import { exceptionEvent, expectSpans, traceOf } from '../../support/spans';
import { createTopics, leaderAttributes } from '../../support/topics';
import { run, type Run, type RunOptions } from '../flow/run';

interface Subject {
  readonly topic?: 'made' | 'used' | 'missing';
  /** The topic with the same name as the group. */
  readonly group?: 'used';
  /** The method, if it differs from the name of the call. */
  readonly method?: string;
  /** The expected error of the call. */
  readonly error?: readonly [type: string, thrown: string, message: string];
}

const REFUSED = ['SECURITY_DISABLED', 'KafkaJSProtocolError', 'Security features are disabled'] as const;
const NO_TOPIC = 'This server does not host this topic-partition';

const OPERATIONS: Readonly<Record<string, Subject>> = {
  listTopics: {},
  createTopics: { topic: 'made' },
  'createTopics again': { method: 'createTopics' },
  createPartitions: { topic: 'made' },
  fetchTopicMetadata: { topic: 'made' },
  'fetchTopicMetadata of none': {
    method: 'fetchTopicMetadata',
    topic: 'missing',
    error: ['UNKNOWN_TOPIC_OR_PARTITION', 'KafkaJSProtocolError', NO_TOPIC],
  },
  describeCluster: {},
  describeConfigs: { topic: 'made' },
  alterConfigs: { topic: 'made' },
  fetchTopicOffsets: { topic: 'used' },
  fetchTopicOffsetsByTimestamp: { topic: 'used' },
  listGroups: {},
  describeGroups: { group: 'used' },
  fetchOffsets: { topic: 'used', group: 'used' },
  setOffsets: { topic: 'used', group: 'used' },
  resetOffsets: { topic: 'used', group: 'used' },
  deleteGroups: { group: 'used' },
  'deleteGroups again': {
    method: 'deleteGroups',
    group: 'used',
    error: ['KafkaJSDeleteGroupsError', 'KafkaJSDeleteGroupsError', 'Error in DeleteGroups'],
  },
  deleteTopicRecords: { topic: 'used' },
  listPartitionReassignments: {},
  createAcls: { topic: 'used', error: REFUSED },
  describeAcls: { topic: 'used', error: REFUSED },
  deleteAcls: { topic: 'used', error: REFUSED },
  'createTopics with nothing': {
    method: 'createTopics',
    error: [
      'TypeError',
      'TypeError',
      "Cannot destructure property 'topics' of 'undefined' as it is undefined.",
    ],
  },
  deleteTopics: {},
};

type Topics = Record<'used' | 'made' | 'twin' | 'missing', string>;

let topics: Topics;
let traced: Run;
let all: Run;
let none: Run;
let bare: Run;
let cluster: unknown;

/** The program gets one topic that exists, and names of topics that do not exist. */
async function runProgram(options: Partial<RunOptions> = {}): Promise<{ ended: Run; topics: Topics }> {
  const { used } = await createTopics({ used: 1 });
  const named = { used, made: `made-${used}`, twin: `twin-${used}`, missing: `missing-${used}` };
  const ended = await run('operations.cjs', { folder: 'admin', topics: named, ...options });
  return { ended, topics: named };
}
const withSpans = (mode: string) => runProgram({ env: { OTEL_INSTRUMENTATION_KAFKA_ADMIN_SPANS: mode } });

// Run the programs at the same time, because they mostly wait for Kafka.
beforeAll(async () => {
  const [first, ...others] = await Promise.all([
    runProgram(),
    withSpans('all'),
    withSpans('none'),
    runProgram({ bare: true }),
  ]);
  ({ ended: traced, topics } = first);
  [all, none, bare] = others.map(({ ended }) => ended) as [Run, Run, Run];
  cluster = (await leaderAttributes(topics.used))['messaging.kafka.cluster.id'];
}, 120_000);

const attributes = (method: string, { topic, group, error }: Subject = {}) => ({
  'messaging.system': 'kafka',
  'messaging.operation.name': method,
  'messaging.client.id': 'flow',
  'messaging.kafka.cluster.id': cluster,
  ...(topic === undefined ? {} : { 'messaging.destination.name': topics[topic] }),
  ...(group === undefined ? {} : { 'messaging.consumer.group.name': topics[group] }),
  ...(error === undefined ? {} : { 'error.type': error[0] }),
});

test.each(Object.entries(OPERATIONS))(
  '%s has a client span as a child of the active span',
  (call, subject) => {
    const { method = call, topic, group, error } = subject;
    const named = topic ?? group;
    const name = named === undefined ? method : `${method} ${topics[named]}`;
    expectSpans(traceOf(traced.spans, call), { label: span => `${span.kind} ${span.name}` }).toEqual({
      [`INTERNAL ${call}`]: { name: call, kind: 'INTERNAL' },
      [`CLIENT ${name}`]: {
        name,
        kind: 'CLIENT',
        parent: `INTERNAL ${call}`,
        attributes: attributes(method, subject),
        ...(error && {
          status: { code: 'ERROR', message: error[2] },
          events: [exceptionEvent(error[1], error[2])],
        }),
      },
    });
  },
);

test('two calls under the same span are two sibling spans', () => {
  const call = 'alterPartitionReassignments';
  expectSpans(traceOf(traced.spans, call)).toEqual({
    [call]: { kind: 'INTERNAL' },
    describeCluster: { kind: 'CLIENT', parent: call, attributes: attributes('describeCluster') },
    [`${call} ${topics.used}`]: {
      kind: 'CLIENT',
      parent: call,
      attributes: attributes(call, { topic: 'used' }),
    },
  });
});

test('the program calls every operation of the installed kafkajs', () => {
  const called = new Set([
    ...Object.entries(OPERATIONS).map(([call, { method = call }]) => method),
    'alterPartitionReassignments',
  ]);
  expect([...called].sort()).toEqual([...(traced.reported['operations'] as string[])].sort());
});

test.each(['connecting', 'disconnecting'])('%s has no span', call => {
  expectSpans(traceOf(traced.spans, call)).toEqual({ [call]: { kind: 'INTERNAL' } });
});

/** Returns the methods of admin spans that are root spans. */
const roots = ({ spans }: Run) =>
  spans
    .filter(({ kind, parentSpanId }) => kind === 'CLIENT' && parentSpanId === undefined)
    .map(span => span.attributes['messaging.operation.name']);

test('without an active span, only calls that change something have a span', () => {
  expect(roots(traced)).toEqual(['createTopics']);
});

test("with adminSpans 'all', read calls have a span without an active span too", () => {
  expect(roots(all)).toEqual(['listTopics', 'createTopics']);
});

test("with adminSpans 'none', no call has a span", () => {
  expect(none.spans.filter(({ kind }) => kind === 'CLIENT')).toEqual([]);
  expect(none.spans.length).toBeGreaterThan(0);
});

test('every call has the same result as without instrumentation', () => {
  expect(traced.reported).toEqual(bare.reported);
  expect([all.reported, none.reported]).toEqual([bare.reported, bare.reported]);
});
