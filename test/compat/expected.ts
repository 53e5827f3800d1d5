// The expected output, spans and metrics. `differences.ts` contains the deviations of single versions.
import type { ExpectedSpan } from '../support/spans';
import type { Cluster, Role, Topics } from './broker';

/** The steps of the program, and the roles of their topics. */
export const STEPS = {
  one: ['one', 'forwarded'],
  many: ['many'],
  batch: ['batch'],
  several: ['left', 'right'],
  transaction: ['paid', 'unpaid'],
  admin: ['made'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Step = keyof typeof STEPS;

/** Name of another list of spans, for a step that some versions do differently. */
export type Variant = 'batches of one';

/** What the program prints for each step. It must be the same with and without instrumentation. */
export const EXPECTED_OUTPUT: Readonly<Record<Step, unknown>> = {
  one: { sent: 'one/0@0', seen: ['k', 'first', '7', 0] },
  many: { sent: 'many/0@0', seen: ['a', 'b', 'c'] },
  batch: { seen: [['a', 'b']] },
  several: { sent: ['left/0@0', 'right/0@0'] },
  transaction: { seen: ['paid'] },
  admin: { made: true },
};

/**
 * The expected spans of each step. The key is the name of the span, with the role of the topic instead of its name. All
 * other spans are errors.
 */
export function expectedSpans(
  { id, leaders }: Cluster,
  topics: Topics,
): Readonly<Record<Step | Variant, Readonly<Record<string, ExpectedSpan>>>> {
  const common = {
    'messaging.system': 'kafka',
    'messaging.client.id': 'compat',
    'messaging.kafka.cluster.id': id,
  };
  const place = { 'messaging.destination.partition.id': '0', 'messaging.kafka.partition': 0 };
  const leader = (role: Role) => {
    const { host, port } = leaders[topics[role]] ?? {};
    return { 'server.address': host, 'server.port': port };
  };
  const at = (offset: number) => ({ 'messaging.kafka.offset': offset });
  const key = { 'messaging.kafka.message.key': 'k' };
  const count = (messages: number) => ({ 'messaging.batch.message_count': messages });
  const operation = (name: string, type: string, role: Role) => ({
    ...common,
    'messaging.operation.name': name,
    'messaging.operation.type': type,
    'messaging.destination.name': topics[role],
  });
  const group = (role: Role) => ({ 'messaging.consumer.group.name': topics[role] });
  const send = (role: Role, own: object, parent?: string): ExpectedSpan => ({
    name: `send ${topics[role]}`,
    kind: 'PRODUCER',
    ...(parent === undefined ? {} : { parent }),
    attributes: { ...operation('send', 'send', role), ...place, ...leader(role), ...own },
  });
  const process = (role: Role, own: object, parent = `send ${role}`): ExpectedSpan => ({
    name: `process ${topics[role]}`,
    kind: 'CONSUMER',
    parent,
    links: [{ to: parent }],
    attributes: {
      ...operation('process', 'process', role),
      ...group(role),
      ...place,
      ...leader(role),
      ...own,
    },
  });
  const admin = (method: string, role: Role, own: object = {}, parent?: string): ExpectedSpan => ({
    name: `${method} ${topics[role]}`,
    kind: 'CLIENT',
    ...(parent === undefined ? {} : { parent }),
    attributes: {
      ...common,
      'messaging.operation.name': method,
      'messaging.destination.name': topics[role],
      ...own,
    },
  });
  const transaction = (outcome: string): ExpectedSpan => ({
    name: 'transaction',
    kind: 'INTERNAL',
    attributes: { ...common, 'kafka.transaction.outcome': outcome },
  });

  const batchOfOne = (offset: number): ExpectedSpan => {
    const parent = `send batch #${offset + 1}`;
    return { ...process('batch', count(1), parent), links: [{ to: parent, attributes: at(offset) }] };
  };

  return {
    one: {
      'send one': send('one', { ...at(0), ...key }),
      'process one': process('one', { ...at(0), ...key }),
      'fetchOffsets one': admin('fetchOffsets', 'one', group('one'), 'process one'),
      'send forwarded': send('forwarded', at(0), 'process one'),
    },
    many: {
      'send many': send('many', count(3)),
      'process many #1': process('many', at(0)),
      'process many #2': process('many', at(1)),
      'process many #3': process('many', at(2)),
    },
    batch: {
      'send batch #1': send('batch', at(0)),
      'send batch #2': send('batch', at(1)),
      'process batch': {
        name: `process ${topics.batch}`,
        kind: 'CONSUMER',
        attributes: process('batch', count(2)).attributes ?? {},
        links: [
          { to: 'send batch #1', attributes: at(0) },
          { to: 'send batch #2', attributes: at(1) },
        ],
      },
    },
    'batches of one': {
      'send batch #1': send('batch', at(0)),
      'send batch #2': send('batch', at(1)),
      'process batch #1': batchOfOne(0),
      'process batch #2': batchOfOne(1),
    },
    several: {
      'send left': send('left', at(0)),
      'send right': send('right', at(0)),
    },
    transaction: {
      'transaction #1': transaction('committed'),
      'send paid': send('paid', at(0), 'transaction #1'),
      'commit one': {
        name: `commit ${topics.one}`,
        kind: 'CLIENT',
        parent: 'transaction #1',
        attributes: { ...operation('commit', 'settle', 'one'), ...group('one'), ...place },
      },
      'transaction #2': transaction('aborted'),
      'send unpaid': send('unpaid', at(0), 'transaction #2'),
      'process paid': process('paid', at(0)),
    },
    admin: {
      'createTopics made': admin('createTopics', 'made'),
      'deleteTopics made': admin('deleteTopics', 'made'),
    },
  };
}

/** Values of metrics by the role of a topic. A group has the same name as its topic. */
export type MetricValues = Readonly<Record<string, Readonly<Partial<Record<Role, number>>>>>;

/** Final values of counters, and the number of values in histograms. */
export const TOTALS: Readonly<Record<Step, MetricValues>> = {
  one: {
    'messaging.client.sent.messages': { one: 1, forwarded: 1 },
    'messaging.client.consumed.messages': { one: 1 },
    'messaging.process.duration': { one: 1 },
    'kafka.message.queue_time': { one: 1 },
  },
  many: {
    'messaging.client.sent.messages': { many: 3 },
    'messaging.client.operation.duration': { many: 1 },
    'messaging.client.consumed.messages': { many: 3 },
    'messaging.process.duration': { many: 3 },
  },
  batch: {
    'messaging.client.consumed.messages': { batch: 2 },
    'messaging.process.duration': { batch: 1 },
  },
  several: { 'messaging.client.sent.messages': { left: 1, right: 1 } },
  transaction: { 'messaging.client.sent.messages': { paid: 1, unpaid: 1 } },
  admin: {},
};

/** Highest values of gauges. The program handles the first of three messages until the lag was exported. */
export const PEAKS: Readonly<Partial<Record<Step, MetricValues>>> = {
  many: { 'kafka.consumer.records_lag': { many: 3 }, 'kafka.consumer.assigned_partitions': { many: 1 } },
};

/** Gauges whose values depend on time. The test checks only whether they were exported. */
export const SEEN: Readonly<Partial<Record<Step, Readonly<Record<string, readonly Role[]>>>>> = {
  many: { 'kafka.consumer.time_lag': ['many'], 'kafka.consumer.heartbeat_age': ['many'] },
};
