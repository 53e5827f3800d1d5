import { metrics as api } from '@opentelemetry/api';
import { KafkaJsInstrumentation } from '../../../src/instrumentation';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../../src/support/version';
import { config, freshKafkajs, producerConfig } from '../clients/kafkajs/kafka';
import { measured, type Measured } from './measuring';

const DURATION = 'messaging.client.operation.duration';

const instrumentations: KafkaJsInstrumentation[] = [];
const sdks: Measured[] = [];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'] });
});
afterEach(async () => {
  jest.useRealTimers();
  api.disable();
  for (const instrumentation of instrumentations.splice(0)) instrumentation.disable();
  await Promise.all(sdks.splice(0).map(({ provider }) => provider.shutdown()));
});

/** An SDK that the test may register, and read. */
function sdk(): Measured {
  const started = measured();
  sdks.push(started);
  return started;
}

/** A program with a copy of kafkajs of its own; its sends are refused, as no producer here is connected. */
function program(options: KafkaInstrumentationConfig = {}) {
  const instrumentation = new KafkaJsInstrumentation(options);
  instrumentations.push(instrumentation);
  const { Kafka } = instrumentation.instrumentModule(freshKafkajs());
  const kafka = new Kafka(config);
  const makeProducer = () => kafka.producer(producerConfig);
  return { instrumentation, makeProducer };
}

const send = async (producer: ReturnType<ReturnType<typeof program>['makeProducer']>) => {
  await expect(producer.send({ topic: 'orders', messages: [{ value: 'v' }] })).rejects.toThrow(
    'disconnected',
  );
};

/** How many sends a provider has been told of. */
const told = async ({ read }: Measured) => {
  const points = await read(DURATION);
  return points.reduce((sum, { value }) => sum + (value as { count: number }).count, 0);
};

test('an SDK that is registered before the program starts is used', async () => {
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  await send(program().makeProducer());
  expect(await told(registered)).toBe(1);
});

test('an SDK that is registered later is used from the next client on', async () => {
  const { makeProducer } = program();
  const early = makeProducer();
  await send(early);
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  makeProducer();
  await send(early);
  expect(await told(registered)).toBe(1);
});

test('an SDK that is registered later is used with the next call of the clients that are there', async () => {
  const producer = program().makeProducer();
  await send(producer);
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  await send(producer);
  expect(await told(registered)).toBe(1);
});

test('an SDK that takes the place of another is used within a second', async () => {
  const [first, second] = [sdk(), sdk()];
  api.setGlobalMeterProvider(first.provider);
  const producer = program().makeProducer();
  api.disable();
  api.setGlobalMeterProvider(second.provider);
  jest.advanceTimersByTime(1000);
  await send(producer);
  expect([await told(first), await told(second)]).toEqual([0, 1]);
});

test('the no-op provider that is handed over before an SDK is registered is not taken for a choice', async () => {
  const { instrumentation, makeProducer } = program();
  instrumentation.setMeterProvider(api.getMeterProvider());
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  await send(makeProducer());
  expect(await told(registered)).toBe(1);
});

test('a provider that was set explicitly stays, whatever becomes global', async () => {
  const { instrumentation, makeProducer } = program();
  const [own, registered] = [sdk(), sdk()];
  instrumentation.setMeterProvider(own.provider);
  api.setGlobalMeterProvider(registered.provider);
  const producer = makeProducer();
  jest.advanceTimersByTime(5000);
  await send(producer);
  expect([await told(own), await told(registered)]).toEqual([1, 0]);
});

test('with metrics off no instrument is made, whatever else is asked for', async () => {
  const registered = sdk();
  const meter = registered.provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION);
  const made = [
    jest.spyOn(meter, 'createCounter'),
    jest.spyOn(meter, 'createHistogram'),
    jest.spyOn(meter, 'createObservableGauge'),
  ];
  api.setGlobalMeterProvider(registered.provider);
  const calls = () => made.map(create => create.mock.calls.length);
  await send(program({ metrics: false, requestMetrics: true }).makeProducer());
  expect(calls()).toEqual([0, 0, 0]);
  await send(program({ requestMetrics: true }).makeProducer());
  expect(calls().every(count => count > 0)).toBe(true);
});

test('metrics may be switched off and on again while clients live, and loses its gauges meanwhile', async () => {
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  const { instrumentation, makeProducer } = program();
  const stops = jest.spyOn(
    registered.provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION),
    'removeBatchObservableCallback',
  );
  const producer = makeProducer();
  await send(producer);
  stops.mockClear();
  instrumentation.setConfig({ metrics: false });
  await send(producer);
  expect([await told(registered), stops.mock.calls.length]).toEqual([1, 1]);
  instrumentation.setConfig({ metrics: true });
  await send(producer);
  expect(await told(registered)).toBe(2);
});

test('gauges end with the instrumentation, and come back with it', () => {
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  const { instrumentation, makeProducer } = program();
  makeProducer();
  const meter = registered.provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION);
  const starts = jest.spyOn(meter, 'addBatchObservableCallback');
  const stops = jest.spyOn(meter, 'removeBatchObservableCallback');
  instrumentation.disable();
  expect([starts.mock.calls.length, stops.mock.calls.length]).toEqual([0, 1]);
  instrumentation.enable();
  expect([starts.mock.calls.length, stops.mock.calls.length]).toEqual([1, 1]);
});

test('requestMetrics may be switched on for the clients that are made from then on', () => {
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  const created = jest.spyOn(registered.provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION), 'createHistogram');
  const { instrumentation, makeProducer } = program();
  const names = () => created.mock.calls.map(([name]) => name);
  makeProducer();
  expect(names()).not.toContain('kafka.client.request.duration');
  instrumentation.setConfig({ requestMetrics: true });
  expect(names()).toContain('kafka.client.request.duration');
});
