import { metrics as api } from '@opentelemetry/api';
import { KafkaInstrumentation } from '../../../src/instrumentation';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../../src/support/version';
import { config, freshKafkajs, producerConfig } from '../clients/kafkajs/kafka';
import { measured, type Measured } from './measuring';

const DURATION = 'messaging.client.operation.duration';

const instrumentations: KafkaInstrumentation[] = [];
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

/** Creates an SDK that the test may register and read. */
function sdk(): Measured {
  const started = measured();
  sdks.push(started);
  return started;
}

/** Creates a program with its own copy of kafkajs. No producer is connected, so its sends are rejected. */
function program(options: KafkaInstrumentationConfig = {}) {
  const instrumentation = new KafkaInstrumentation(options);
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

/** Returns the number of sends that a provider has counted. */
const sendsOf = async ({ read }: Measured) => {
  const points = await read(DURATION);
  return points.reduce((sum, { value }) => sum + (value as { count: number }).count, 0);
};

test('an SDK that is registered before the program starts is used', async () => {
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  await send(program().makeProducer());
  expect(await sendsOf(registered)).toBe(1);
});

test('an SDK that is registered later is used from the next call of existing clients on', async () => {
  const producer = program().makeProducer();
  await send(producer);
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  await send(producer);
  expect(await sendsOf(registered)).toBe(1);
});

test('an SDK that replaces another is used within a second', async () => {
  const [first, second] = [sdk(), sdk()];
  api.setGlobalMeterProvider(first.provider);
  const producer = program().makeProducer();
  api.disable();
  api.setGlobalMeterProvider(second.provider);
  jest.advanceTimersByTime(1000);
  await send(producer);
  expect([await sendsOf(first), await sendsOf(second)]).toEqual([0, 1]);
});

test('the no-op provider set before an SDK is registered does not count as an explicit choice', async () => {
  const { instrumentation, makeProducer } = program();
  instrumentation.setMeterProvider(api.getMeterProvider());
  const registered = sdk();
  api.setGlobalMeterProvider(registered.provider);
  await send(makeProducer());
  expect(await sendsOf(registered)).toBe(1);
});

test('a provider that was set explicitly is kept when a global one is registered', async () => {
  const { instrumentation, makeProducer } = program();
  const [own, registered] = [sdk(), sdk()];
  instrumentation.setMeterProvider(own.provider);
  api.setGlobalMeterProvider(registered.provider);
  const producer = makeProducer();
  jest.advanceTimersByTime(5000);
  await send(producer);
  expect([await sendsOf(own), await sendsOf(registered)]).toEqual([1, 0]);
});

test('with metrics off no instrument is created, even with requestMetrics on', async () => {
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

test('metrics can be switched off and on while clients live, and gauges stop meanwhile', async () => {
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
  expect([await sendsOf(registered), stops.mock.calls.length]).toEqual([1, 1]);
  instrumentation.setConfig({ metrics: true });
  await send(producer);
  expect(await sendsOf(registered)).toBe(2);
});

test('gauges stop when the instrumentation is disabled and return when it is enabled', () => {
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

test('requestMetrics can be switched on later', () => {
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
