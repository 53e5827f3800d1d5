import type { Attributes, ReceivedMetric, ReceivedSpan } from '../../support/otlp';
import { receivedLink, receivedSpan } from '../support/received';

/** Creates a link to a span of another trace. Different letters mean different spans. */
export const link = (letter: string, attributes: Attributes = {}) =>
  receivedLink(letter.repeat(32), letter.repeat(16), attributes);

const span = (
  name: string,
  kind: ReceivedSpan['kind'],
  attributes: Attributes,
  fields: Partial<ReceivedSpan> = {},
) => receivedSpan(name, { kind, attributes, ...fields });

const system = { 'messaging.system': 'kafka' };
const of = (type: string, name = type) => ({
  ...system,
  'messaging.operation.name': name,
  'messaging.operation.type': type,
  'messaging.destination.name': 'orders',
});
const client = { 'messaging.client.id': 'shop', 'messaging.kafka.cluster.id': 'cluster' };
const place = {
  'messaging.destination.partition.id': '1',
  'messaging.kafka.partition': 1,
  'server.address': 'kafka-1',
  'server.port': 9092,
};
const group = { 'messaging.consumer.group.name': 'billing' };
const child = { parentSpanId: '3'.repeat(16) };
const newNames = { 'messaging.system.name': 'kafka', 'kafka.cluster.id': 'cluster', 'kafka.offset': 7 };
const only144 = /^messaging\.(?:system$|kafka\.)/;
const without144 = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !only144.test(name)));

const oldest = {
  ...system,
  'messaging.client_id': 'shop',
  'messaging.kafka.consumer.group': 'billing',
  'messaging.kafka.destination.partition': 1,
  'messaging.kafka.message.offset': 7,
};
const withoutOffset = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.endsWith('.offset')));

/** A correct span of every kind. */
export const spans = {
  send: span('send orders', 'PRODUCER', { ...of('send'), ...client, ...place, 'messaging.kafka.offset': 7 }),
  client: span(
    'send orders',
    'CLIENT',
    { ...of('send'), ...client, 'messaging.batch.message_count': 3 },
    { links: [link('a')] },
  ),
  create: span('create orders', 'PRODUCER', { ...of('create'), 'messaging.kafka.message.key': 'k' }),
  process: span(
    'process orders',
    'CONSUMER',
    {
      ...of('process'),
      ...client,
      ...place,
      ...group,
      'messaging.kafka.offset': 7,
      'messaging.header.id': ['x'],
    },
    { ...child, links: [link('a')] },
  ),
  batch: span(
    'process orders',
    'CONSUMER',
    { ...of('process'), ...client, ...place, ...group, 'messaging.batch.message_count': 3 },
    { links: [link('a', { 'messaging.kafka.offset': 7 }), link('b')] },
  ),
  failed: span(
    'process orders',
    'CONSUMER',
    { ...of('process'), ...client, ...place, ...group, 'messaging.kafka.offset': 7, 'error.type': 'Error' },
    {
      status: { code: 'ERROR', message: 'broken' },
      events: [{ name: 'exception', time: 0n, attributes: {} }],
    },
  ),
  commit: span('commit orders', 'CLIENT', { ...of('settle', 'commit'), ...client, ...place, ...group }),
  admin: span('deleteGroups billing', 'CLIENT', {
    ...system,
    ...client,
    ...group,
    'messaging.operation.name': 'deleteGroups',
  }),
  transaction: span('transaction', 'INTERNAL', {
    ...system,
    ...client,
    'kafka.transaction.outcome': 'committed',
  }),
  newer: span('process orders', 'CONSUMER', {
    ...without144({ ...of('process'), ...place }),
    ...newNames,
    ...group,
    'messaging.client.id': 'shop',
  }),
  both: span('process orders', 'CONSUMER', {
    ...of('process'),
    ...newNames,
    ...client,
    ...place,
    ...group,
    'messaging.kafka.offset': 7,
  }),
  publish: span('orders publish', 'PRODUCER', {
    ...system,
    'messaging.operation': 'publish',
    'messaging.destination.name': 'orders',
    'messaging.client_id': 'shop',
    'messaging.kafka.destination.partition': 1,
    'messaging.kafka.message.offset': 7,
  }),
  oldest: span('orders process', 'CONSUMER', {
    ...oldest,
    'messaging.operation': 'process',
    'messaging.destination.name': 'orders',
  }),
  oldestCommit: span('orders commit', 'CLIENT', {
    ...withoutOffset(oldest),
    'messaging.operation': 'commit',
    'messaging.destination.name': 'orders',
  }),
  oldestAdmin: span('billing deleteGroups', 'CLIENT', {
    ...system,
    'messaging.operation': 'deleteGroups',
    'messaging.kafka.consumer.group': 'billing',
    'messaging.client_id': 'shop',
  }),
  all: span('process orders', 'CONSUMER', {
    ...of('process'),
    ...oldest,
    ...newNames,
    ...client,
    ...place,
    ...group,
    'messaging.operation': 'process',
    'messaging.kafka.offset': 7,
  }),
} satisfies Record<string, ReceivedSpan>;

export type SpanRole = keyof typeof spans;

const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

function metric(
  name: string,
  kind: ReceivedMetric['kind'],
  unit: string,
  attributes: Attributes,
  rest: { readonly bounds?: readonly number[] } = {},
): ReceivedMetric {
  return {
    name,
    description: 'A sample.',
    unit,
    kind,
    monotonic: kind === 'sum',
    temporality: 'cumulative',
    points: [{ attributes, time: 1n, value: 3, ...rest }],
    resource: {},
    service: 'sample',
    scope: 'sample',
  };
}

const measured = (name: string) => ({
  ...system,
  'messaging.operation.name': name,
  'messaging.destination.name': 'orders',
});

/** A correct metric of every kind. */
export const metrics = {
  duration: metric(
    'messaging.process.duration',
    'histogram',
    's',
    { ...measured('process'), ...group },
    { bounds },
  ),
  sent: metric('messaging.client.sent.messages', 'sum', '{message}', measured('send')),
  consumed: metric('messaging.client.consumed.messages', 'sum', '{message}', {
    ...measured('process'),
    ...group,
  }),
  lag: metric('kafka.consumer.records_lag', 'gauge', '{message}', {
    ...system,
    ...group,
    'messaging.destination.name': 'orders',
    'messaging.destination.partition.id': '1',
  }),
  crashes: metric('kafka.consumer.crashes', 'sum', '{crash}', {
    ...system,
    ...group,
    'error.type': 'Error',
    'kafka.consumer.restarts': true,
  }),
} satisfies Record<string, ReceivedMetric>;

export type MetricRole = keyof typeof metrics;
