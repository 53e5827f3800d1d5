import { clientInfo, confluentMessages } from '../../../../src/clients/confluent/client';
import { errorReader } from '../../../../src/clients/confluent/errors';
import { kafkaJs } from '../../../../src/clients/kafkajs';
import { confluent } from '../../../../src/clients/confluent';
import { Kafka as KafkaJsClass } from 'kafkajs';
import { promiseApi } from './promise-api';

const info = (client: object, config: unknown) =>
  clientInfo(new WeakRef(client as never), config, errorReader({}));

test.each([
  ['compatible options', { kafkaJS: { clientId: 'shop', groupId: 'billing' } }],
  [
    "librdkafka's own options, which win",
    { 'client.id': 'shop', 'group.id': 'billing', kafkaJS: { clientId: 'x', groupId: 'y' } },
  ],
])('client id and group come from %s until the client is connected', (_what, config) => {
  const client: { _getInternalClient?: () => unknown } = {};
  const known = info(client, config);
  expect([known.clientId(), known.group]).toEqual(['shop', 'billing']);
  client._getInternalClient = () => ({ globalConfig: { 'client.id': 'final', 'group.id': 'group' } });
  expect([known.clientId(), known.group]).toEqual(['final', 'group']);
  delete client._getInternalClient;
  expect([known.clientId(), known.group]).toEqual(['final', 'group']);
});

test.each([undefined, null, 'x', {}, { kafkaJS: null }, { 'group.id': 7 }])(
  'nothing is known from the config %j',
  config => {
    const known = info({}, config);
    expect([known.clientId(), known.group, known.clusterId(), known.leader('t', 0)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  },
);

test('a partition of -1, which the library writes into messages, is none', () => {
  expect([-1, 0, '2', null, undefined].map(partition => confluentMessages.partition({ partition }))).toEqual([
    undefined,
    0,
    2,
    undefined,
    undefined,
  ]);
});

test('bytes that are not a Buffer have their own size, because librdkafka sends them as they are', () => {
  expect(confluentMessages.valueSize(new Uint8Array([1, 2, 30]))).toBe(3);
});

test('headers in the form that the library writes into sent messages are not read', () => {
  expect(confluentMessages.headers({ headers: [{ traceparent: 'x' }] })).toBeUndefined();
  expect(confluentMessages.headers(Object.create({ headers: { a: 'b' } }))).toEqual({ a: 'b' });
});

test('the exports of each library are recognised, and not taken for the other', () => {
  const packageExports = { KafkaJS: promiseApi, Producer: Object };
  for (const moduleExports of [
    promiseApi,
    packageExports,
    { default: packageExports },
    { default: promiseApi },
  ])
    expect(confluent.findTarget(moduleExports)).toBe(promiseApi);
  for (const moduleExports of [{ Kafka: KafkaJsClass }, KafkaJsClass, {}, undefined, 'x'])
    expect(confluent.findTarget(moduleExports)).toBeUndefined();
  expect(kafkaJs.findTarget(packageExports)).toBeUndefined();
});
