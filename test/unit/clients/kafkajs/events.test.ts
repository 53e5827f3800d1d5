import { EventEmitter } from 'node:events';
import { Kafka } from 'kafkajs';
import { followCommits, followConsumer, followRequests } from '../../../../src/clients/kafkajs/events';
import type { Methods } from '../../../../src/support/wrap';
import { ConsumerHealth } from '../../../../src/metrics/consumer-health';
import { useMeasuring } from '../../metrics/measuring';
import { client, useTracing } from '../../core/tracing';
import { config } from './kafka';

const tracing = useTracing();
const measuring = useMeasuring();

const NAMES = [
  'GROUP_JOIN',
  'HEARTBEAT',
  'START_BATCH_PROCESS',
  'END_BATCH_PROCESS',
  'STOP',
  'DISCONNECT',
  'CRASH',
  'COMMIT_OFFSETS',
  'REQUEST',
  'REQUEST_TIMEOUT',
];

/** A client that emits what it is told, under kafkajs's names. */
class Emitting extends EventEmitter {
  readonly events: Readonly<Record<string, string>>;
  constructor(names: readonly string[] = NAMES) {
    super();
    this.events = Object.fromEntries(names.map(name => [name, `client.${name.toLowerCase()}`]));
  }
  tell(name: string, payload: unknown = {}): void {
    this.emit(`client.${name.toLowerCase()}`, { payload });
  }
  heard(): string[] {
    return NAMES.filter(name => this.listenerCount(`client.${name.toLowerCase()}`) > 0);
  }
}

function followed(emitting = new Emitting()) {
  const { telemetry, metrics, read } = measuring.with(tracing.runtime(), { requestMetrics: true });
  const health = new ConsumerHealth();
  followConsumer(telemetry, emitting as unknown as Methods, client, metrics, health);
  followRequests(telemetry, emitting as unknown as Methods);
  const values = async (name: string) => (await read(name)).map(({ value }) => value);
  return { emitting, values, read };
}

const batch = {
  topic: 'orders',
  partition: 2,
  highWatermark: '9',
  firstOffset: '7',
  lastOffset: '8',
  batchSize: 2,
};

test('each event that a metric needs has one listener, and no other event has any', () => {
  const { emitting } = followed();
  followCommits(tracing.runtime(), emitting as unknown as Methods);
  expect(emitting.heard()).toEqual(NAMES);
  expect(emitting.eventNames().every(name => emitting.listenerCount(name) === 1)).toBe(true);
  expect(emitting.eventNames()).toHaveLength(NAMES.length);
});

test('the events are called as in the installed kafkajs', () => {
  const kafka = new Kafka(config);
  const consumer = kafka.consumer({ groupId: 'billing' });
  expect(Object.keys(consumer.events)).toEqual(expect.arrayContaining(NAMES));
  for (const other of [kafka.producer(), kafka.admin()])
    expect(Object.keys(other.events)).toEqual(expect.arrayContaining(['REQUEST', 'REQUEST_TIMEOUT']));
});

test('a consumer shows what its events tell; joining once more is a rebalance', async () => {
  const { emitting, values, read } = followed();
  emitting.tell('GROUP_JOIN', { memberAssignment: { orders: [1, 2] } });
  emitting.tell('HEARTBEAT');
  emitting.tell('START_BATCH_PROCESS', batch);
  expect(await values('kafka.consumer.assigned_partitions')).toEqual([2]);
  expect(await values('kafka.consumer.records_lag')).toEqual([2]);
  emitting.tell('GROUP_JOIN', { memberAssignment: { orders: [1] } });
  emitting.tell('CRASH', { error: new RangeError('no'), restart: false });
  expect(await values('kafka.consumer.rebalances')).toEqual([1]);
  expect(await read('kafka.consumer.crashes')).toMatchObject([
    { value: 1, attributes: { 'error.type': 'RangeError', 'kafka.consumer.restarts': false } },
  ]);
});

test('a request is measured in seconds, and one that is not answered is counted', async () => {
  const { emitting, values, read } = followed();
  emitting.tell('REQUEST', { apiName: 'Produce', broker: 'kafka-1:9092', duration: 250 });
  emitting.tell('REQUEST_TIMEOUT', { apiName: 'Fetch', broker: '::1:9092' });
  expect(await values('kafka.client.request.duration')).toMatchObject([{ count: 1, sum: 0.25 }]);
  expect(await read('kafka.client.request.timeouts')).toMatchObject([
    { value: 1, attributes: { 'kafka.api.name': 'Fetch', 'server.address': '::1', 'server.port': 9092 } },
  ]);
});

test.each(NAMES)('%s never throws into kafkajs, whatever it carries', name => {
  const { emitting } = followed();
  followCommits(tracing.runtime(), emitting as unknown as Methods);
  for (const event of [
    undefined,
    null,
    {},
    { payload: null },
    { payload: { topics: 7, memberAssignment: 7, broker: 7 } },
  ])
    expect(() => emitting.emit(`client.${name.toLowerCase()}`, event)).not.toThrow();
});

test('an event that an older kafkajs lacks is left out', () => {
  const { emitting } = followed(new Emitting(['HEARTBEAT', 'STOP']));
  expect(emitting.heard()).toEqual(['HEARTBEAT', 'STOP']);
});

test.each([[{}], [{ on: 'text' }], [{ on: () => undefined, events: undefined }]])(
  'a client without events, %j, is left alone',
  odd => {
    expect(() => {
      followRequests(tracing.runtime(), odd);
    }).not.toThrow();
  },
);
