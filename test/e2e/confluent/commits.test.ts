import { exceptionEvent, expectSpans, traceOf, type ExpectedSpan } from '../../support/spans';
import { LAB_DEADLINE_MS } from '../../support/confluent';
import { createTopics } from '../../support/topics';
import { CONFLUENT as client } from '../flow/client';
import { run, type Run } from '../flow/run';

const ROLES = { explicit: 1, stored: 1, ifNecessary: 1, nothing: 1, sought: 1, automatic: 1 };
type Role = keyof typeof ROLES;

let topics: Record<Role, string>;
let traced: Run;
let bare: Run;

beforeAll(async () => {
  topics = await createTopics(ROLES);
  traced = await run('commits.cjs', { client, folder: 'confluent', topics });
  bare = await run('commits.cjs', {
    client,
    folder: 'confluent',
    topics: await createTopics(ROLES),
    bare: true,
  });
}, LAB_DEADLINE_MS);

const commit = (topic: string): Record<string, unknown> => ({
  'messaging.system': 'kafka',
  'messaging.operation.name': 'commit',
  'messaging.operation.type': 'settle',
  'messaging.destination.name': topic,
  'messaging.destination.partition.id': '0',
  'messaging.kafka.partition': 0,
  'messaging.consumer.group.name': topic,
  'messaging.client.id': 'flow',
});
/** Compares the commit spans of the trace that contains the messages of a topic. */
function expectCommits(role: Role, expected: readonly ExpectedSpan[]): void {
  const topic = topics[role];
  const spans = traceOf(traced.spans, `send ${topic}`);
  const parents = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const commits = spans.filter(({ name }) => name.startsWith('commit'));
  expect(
    commits.map(({ name, kind, parentSpanId = '', attributes, status, events }) => ({
      name,
      kind,
      parent: parents.get(parentSpanId),
      attributes,
      status: status.code,
      events,
    })),
  ).toEqual(expected.map(span => ({ status: 'UNSET', events: [], ...span })));
}
const committed = (role: Role): ExpectedSpan & { readonly name: string } => ({
  name: `commit ${topics[role]}`,
  kind: 'CLIENT',
  parent: `process ${topics[role]}`,
  attributes: commit(topics[role]),
});

test('every call has the same result, and commits the same offsets, as without instrumentation', () => {
  expect(traced.reported).toEqual(bare.reported);
  expect(traced.reported['committed']).toMatchObject({ explicit: ['1'], ifNecessary: ['2'] });
});

test('commitOffsets with a list has a span as a child of its handler, and none with an empty one', () => {
  expectCommits('explicit', [committed('explicit')]);
});

test('commitOffsets without arguments has a span for what is stored', () => {
  expectCommits('stored', [committed('stored')]);
});

test('commitOffsetsIfNecessary has a span if an offset was resolved', () => {
  expectCommits('ifNecessary', [committed('ifNecessary')]);
});

test.each<Role>(['nothing', 'automatic'])('a call that commits nothing has no span: %s', role => {
  expectCommits(role, []);
});

test('the commit of the library after a seek has no span', () => {
  expect(traced.reported['deliveries']).toBe(4);
  expectCommits('sought', []);
  expect(traced.spans.filter(({ name }) => name === `commit ${topics.sought}`)).toEqual([]);
});

test('a commit of a consumer that never connected has a failed span without the client id, which nothing says before', () => {
  const { nothing } = topics;
  const attributes = Object.fromEntries(
    Object.entries(commit(nothing)).filter(([name]) => name !== 'messaging.client.id'),
  );
  const message = 'Commit can only be called while connected.';
  expectSpans(traceOf(traced.spans, 'disconnected')).toEqual({
    disconnected: { kind: 'INTERNAL' },
    [`commit ${nothing}`]: {
      kind: 'CLIENT',
      parent: 'disconnected',
      attributes: { ...attributes, 'error.type': '_STATE' },
      status: { code: 'ERROR', message },
      events: [exceptionEvent('KafkaJSError', message)],
    },
  });
});
