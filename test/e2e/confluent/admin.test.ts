import { exceptionEvent, expectSpans, traceOf } from '../../support/spans';
import { LAB_DEADLINE_MS } from '../../support/confluent';
import { createTopics } from '../../support/topics';
import { CONFLUENT as client } from '../flow/client';
import { run } from '../flow/run';

interface Subject {
  readonly topic?: 'made' | 'used';
  /** The topic with the same name as the group. */
  readonly group?: 'used';
  /** The method, if it differs from the name of the call. */
  readonly method?: string;
  /**
   * Undefined if the client id is unknown. The client id of `new Kafka` is in a private field that an admin client does
   * not show.
   */
  readonly clientId?: string;
  /** The expected error of the call. */
  readonly error?: readonly [type: string, thrown: string, message: string];
}

const OPERATIONS: Readonly<Record<string, Subject>> = {
  'of a producer': { method: 'fetchTopicOffsets', topic: 'used', clientId: 'flow' },
  'of a consumer': { method: 'fetchTopicOffsets', topic: 'used', clientId: 'flow' },
  'with a client id': { method: 'fetchTopicOffsets', topic: 'used', clientId: 'named' },
  listTopics: {},
  createTopics: { topic: 'made' },
  'createTopics again': { method: 'createTopics' },
  fetchTopicMetadata: { topic: 'used' },
  'fetchTopicMetadata of all': { method: 'fetchTopicMetadata' },
  fetchTopicOffsets: { topic: 'used' },
  fetchTopicOffsetsByTimestamp: { topic: 'used' },
  listGroups: {},
  describeGroups: { group: 'used' },
  fetchOffsets: { topic: 'used', group: 'used' },
  deleteGroups: { group: 'used' },
  'deleteGroups again': {
    method: 'deleteGroups',
    group: 'used',
    error: ['KafkaJSDeleteGroupsError', 'KafkaJSDeleteGroupsError', 'Error in DeleteGroups'],
  },
  deleteTopicRecords: { topic: 'used' },
  deleteTopics: {},
  'after disconnect': {
    method: 'listTopics',
    error: ['_STATE', 'KafkaJSError', 'Admin client is not connected.'],
  },
};

type Topics = Record<'used' | 'made' | 'twin', string>;
let topics: Topics;
let traced: Awaited<ReturnType<typeof run>>;
let bare: typeof traced;

/** The program gets one topic that exists, and names of topics that do not exist. */
async function runProgram(options = {}) {
  const { used } = await createTopics({ used: 1 });
  const named = { used, made: `made-${used}`, twin: `twin-${used}` };
  return {
    named,
    ended: await run('admin.cjs', { client, folder: 'confluent', topics: named, ...options }),
  };
}

beforeAll(async () => {
  ({ named: topics, ended: traced } = await runProgram());
  ({ ended: bare } = await runProgram({ bare: true }));
}, LAB_DEADLINE_MS);

test('every call has the same result as without instrumentation', () => {
  expect(traced.reported).toEqual(bare.reported);
});

test.each(Object.entries(OPERATIONS))(
  '%s has one client span, whatever the library calls for it',
  (call, { method = call, topic, group, clientId, error }) => {
    const named = topic ?? group;
    const name = named === undefined ? method : `${method} ${topics[named]}`;
    expectSpans(traceOf(traced.spans, call), { label: span => `${span.kind} ${span.name}` }).toEqual({
      [`INTERNAL ${call}`]: { name: call, kind: 'INTERNAL' },
      [`CLIENT ${name}`]: {
        name,
        kind: 'CLIENT',
        parent: `INTERNAL ${call}`,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.operation.name': method,
          ...(clientId === undefined ? {} : { 'messaging.client.id': clientId }),
          ...(topic === undefined ? {} : { 'messaging.destination.name': topics[topic] }),
          ...(group === undefined ? {} : { 'messaging.consumer.group.name': topics[group] }),
          ...(error === undefined ? {} : { 'error.type': error[0] }),
        },
        ...(error && {
          status: { code: 'ERROR', message: error[2] },
          events: [exceptionEvent(error[1], error[2])],
        }),
      },
    });
  },
);

test.each(['connecting', 'disconnecting'])('%s an admin client has no span', root => {
  expectSpans(traceOf(traced.spans, root)).toEqual({ [root]: { kind: 'INTERNAL' } });
});
