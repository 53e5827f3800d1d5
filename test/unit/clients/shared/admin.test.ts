import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { AclResourceTypes, ConfigResourceTypes, Kafka, ResourcePatternTypes } from 'kafkajs';
import { wrapOperations } from '../../../../src/clients/shared/admin';
import type { Method, Methods } from '../../../../src/support/wrap';
import type { Runtime } from '../../../../src/runtime';
import { client, contextOf, producer, useTracing } from '../../core/tracing';
import { config } from '../kafkajs/kafka';

const tracing = useTracing();
const active = contextOf(producer('a', 3));

/** Creates an instrumented admin client with these methods. */
function instrumented(methods: Methods, runtime: Runtime = tracing.runtime()) {
  wrapOperations(runtime, methods, client, Object.keys(methods));
  return methods as Readonly<Record<string, Method>>;
}

/** Returns the spans of a call inside an active span. */
function called(method: string, ...args: unknown[]) {
  const admin = instrumented({ [method]: () => 'result' });
  expect(context.with(active, () => admin[method]?.(...args))).toBe('result');
  return tracing.spans();
}

const attributes = {
  'messaging.system': 'kafka',
  'messaging.client.id': 'shop',
  'messaging.kafka.cluster.id': 'cluster-1',
};

test('a call has a client span with its name, and no operation type', () => {
  expect(called('listTopics')).toEqual([
    {
      name: 'listTopics',
      kind: 'CLIENT',
      traceId: producer('a').traceId,
      spanId: expect.any(String) as unknown,
      parent: producer('a', 3).spanId,
      attributes: { ...attributes, 'messaging.operation.name': 'listTopics' },
      links: [],
      status: { code: 'UNSET' },
      events: [],
    },
  ]);
});

test.each<[string, unknown, { topic?: string; group?: string }]>([
  ['fetchTopicOffsets', 'orders', { topic: 'orders' }],
  ['fetchTopicOffsetsByTimestamp', 'orders', { topic: 'orders' }],
  ['describeGroups', ['billing'], { group: 'billing' }],
  ['describeGroups', ['billing', 'audit'], {}],
  ['deleteGroups', ['billing'], { group: 'billing' }],
  ['createTopics', { topics: [{ topic: 'orders' }] }, { topic: 'orders' }],
  ['createTopics', { topics: [{ topic: 'orders' }, { topic: 'bills' }] }, {}],
  ['deleteTopics', { topics: ['orders'] }, { topic: 'orders' }],
  ['createPartitions', { topicPartitions: [{ topic: 'orders', count: 3 }] }, { topic: 'orders' }],
  ['fetchTopicMetadata', { topics: ['orders'] }, { topic: 'orders' }],
  ['fetchTopicMetadata', { topics: [] }, {}],
  ['fetchOffsets', { groupId: 'billing' }, { group: 'billing' }],
  ['fetchOffsets', { groupId: 'billing', topics: ['orders'] }, { topic: 'orders', group: 'billing' }],
  [
    'setOffsets',
    { groupId: 'billing', topic: 'orders', partitions: [] },
    { topic: 'orders', group: 'billing' },
  ],
  ['deleteTopicRecords', { topic: 'orders', partitions: [] }, { topic: 'orders' }],
  [
    'alterPartitionReassignments',
    { topics: [{ topic: 'orders', partitionAssignment: [] }] },
    { topic: 'orders' },
  ],
  [
    'describeConfigs',
    { resources: [{ type: ConfigResourceTypes.TOPIC, name: 'orders' }] },
    { topic: 'orders' },
  ],
  ['describeConfigs', { resources: [{ type: ConfigResourceTypes.BROKER, name: '1' }] }, {}],
  [
    'createAcls',
    {
      acl: [
        {
          resourceType: AclResourceTypes.GROUP,
          resourceName: 'billing',
          resourcePatternType: ResourcePatternTypes.LITERAL,
        },
      ],
    },
    { group: 'billing' },
  ],
  [
    'deleteAcls',
    {
      filters: [
        {
          resourceType: AclResourceTypes.TOPIC,
          resourceName: 'orders-',
          resourcePatternType: ResourcePatternTypes.PREFIXED,
        },
      ],
    },
    {},
  ],
  ['describeAcls', { resourceType: AclResourceTypes.TOPIC, resourceName: 'orders' }, { topic: 'orders' }],
  ['describeAcls', { resourceType: AclResourceTypes.TOPIC, resourceName: '*' }, {}],
  ['listPartitionReassignments', undefined, {}],
  ['createTopics', null, {}],
  ['createTopics', 7, {}],
  ['createTopics', { topics: 'orders' }, {}],
  ['createTopics', { topics: [null] }, {}],
])('the span of %s(%j) has the only topic or group that it names', (method, argument, { topic, group }) => {
  const subject = topic ?? group;
  expect(called(method, argument)).toEqual([
    expect.objectContaining({
      name: subject === undefined ? method : `${method} ${subject}`,
      attributes: {
        ...attributes,
        'messaging.operation.name': method,
        ...(topic === undefined ? {} : { 'messaging.destination.name': topic }),
        ...(group === undefined ? {} : { 'messaging.consumer.group.name': group }),
      },
    }),
  ]);
  expect(tracing.logged).toEqual([]);
});

test('every operation of the installed kafkajs is wrapped, and no other property', () => {
  const admin = new Kafka(config).admin() as unknown as Methods;
  const before = { ...admin };
  instrumented(admin);
  const untouched = Object.keys(admin).filter(name => admin[name] === before[name]);
  expect(untouched.sort()).toEqual(['connect', 'disconnect', 'events', 'logger', 'on']);
  expect(Object.keys(admin).length - untouched.length).toBeGreaterThanOrEqual(20);
});

describe('adminSpans', () => {
  const READS = ['listTopics', 'describeCluster', 'fetchOffsets', 'listPartitionReassignments'];
  const WRITES = ['createTopics', 'deleteGroups', 'setOffsets', 'resetOffsets', 'alterConfigs'];
  test.each<[mode: 'auto' | 'all' | 'none', under: string, spans: readonly string[]]>([
    ['auto', 'a span', [...READS, ...WRITES]],
    ['auto', 'nothing', WRITES],
    ['all', 'nothing', [...READS, ...WRITES]],
    ['none', 'a span', []],
  ])("'%s', called under %s, makes the spans %j", (adminSpans, under, expected) => {
    const all = [...READS, ...WRITES];
    const admin = instrumented(
      Object.fromEntries(all.map(name => [name, () => 'result'])),
      tracing.runtime({ adminSpans }),
    );
    context.with(under === 'a span' ? active : context.active(), () => {
      for (const name of all) expect(admin[name]?.()).toBe('result');
    });
    expect(tracing.spans().map(({ name }) => name)).toEqual(expected);
  });
});

test('a call that fails has a failed span and rejects with the same error', async () => {
  const error = Object.freeze(
    Object.assign(new Error('no'), { name: 'KafkaJSProtocolError', type: 'TOPIC_ALREADY_EXISTS' }),
  );
  const { createTopics } = instrumented({ createTopics: () => Promise.reject(error) });
  await expect(createTopics?.({ topics: [] })).rejects.toBe(error);
  expect(tracing.spans()).toMatchObject([
    {
      status: { code: 'ERROR', message: 'no' },
      attributes: { 'error.type': 'TOPIC_ALREADY_EXISTS' },
      events: [{ name: 'exception' }],
    },
  ]);
});

test('a cluster id that kafkajs learns during the call is on its span', async () => {
  const known: { clusterId?: string } = {};
  const admin: Methods = {
    deleteTopics: () => {
      known.clusterId = 'cluster-2';
      return Promise.resolve();
    },
  };
  wrapOperations(
    tracing.runtime(),
    admin,
    { ...client, clusterId: () => known.clusterId },
    Object.keys(admin),
  );
  await (admin['deleteTopics'] as Method)({ topics: ['orders'] });
  expect(tracing.spans()[0]?.attributes['messaging.kafka.cluster.id']).toBe('cluster-2');
});

test('the options topics and filter apply to admin calls', () => {
  const createTopics = () => 'result';
  const admin = instrumented(
    { createTopics, deleteGroups: createTopics },
    tracing.runtime({ topics: '!test-*', filter: ({ name }) => name !== 'deleteGroups' }),
  );
  admin['createTopics']?.({ topics: [{ topic: 'test-1' }] });
  admin['deleteGroups']?.(['billing']);
  admin['createTopics']?.({ topics: [{ topic: 'orders' }] });
  expect(tracing.spans().map(({ name }) => name)).toEqual(['createTopics orders']);
});

test('an admin call has no span while the instrumentation is disabled or tracing is suppressed', () => {
  const runtime = { ...tracing.runtime(), isEnabled: true };
  const { createTopics } = instrumented({ createTopics: () => 'result' }, runtime);
  expect(context.with(suppressTracing(active), () => createTopics?.())).toBe('result');
  runtime.isEnabled = false;
  expect(createTopics?.()).toBe('result');
  expect(tracing.spans()).toEqual([]);
});
