import {
  diag,
  metrics,
  propagation,
  trace,
  type Meter,
  type MeterProvider,
  type TextMapPropagator,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { logs, type LoggerProvider } from '@opentelemetry/api-logs';
import { KafkaInstrumentation, withMessageSpan } from '../../src';
import { PACKAGE_NAME } from '../../src/support/version';
import { config, freshKafkajs, producerConfig } from './clients/kafkajs/kafka';

const refuse = (): never => {
  throw new TypeError('refused');
};

/** A provider, meter, tracer or propagator that throws at every call. */
const refusing = new Proxy({}, { get: () => refuse }) as Meter &
  MeterProvider &
  Tracer &
  TracerProvider &
  LoggerProvider &
  TextMapPropagator;

const instrumentations: KafkaInstrumentation[] = [];
const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  const log = (...args: unknown[]) => void logged.push(args.map(String).join(' '));
  diag.setLogger({ error: log, warn: log, info: log, debug: log, verbose: log });
});
afterEach(async () => {
  await nextTick();
  for (const each of instrumentations.splice(0)) each.disable();
  for (const api of [trace, metrics, logs, propagation, diag]) api.disable();
});

/**
 * An SDK may set its logger after the instrumentation was constructed, so messages of the constructor are logged in the
 * next tick.
 */
const nextTick = () =>
  new Promise(resolve => {
    process.nextTick(resolve);
  });

const refusals = () => logged.filter(line => line.includes(PACKAGE_NAME) && line.includes('refused'));

function construct(options = {}): KafkaInstrumentation {
  const instrumentation = new KafkaInstrumentation(options);
  instrumentations.push(instrumentation);
  return instrumentation;
}

/** Sends with a producer that is not connected, so kafkajs rejects the send. */
async function send(instrumentation: KafkaInstrumentation): Promise<void> {
  const { Kafka } = instrumentation.instrumentModule(freshKafkajs());
  const producer = new Kafka(config).producer(producerConfig);
  await expect(producer.send({ topic: 'orders', messages: [{ value: 'v' }] })).rejects.toThrow(
    'The producer is disconnected',
  );
}

test.each<[what: string, register: () => unknown]>([
  [
    'a meter that refuses every instrument',
    () => metrics.setGlobalMeterProvider({ getMeter: () => refusing }),
  ],
  ['a provider that refuses a meter', () => metrics.setGlobalMeterProvider({ getMeter: refuse })],
  ['a provider that refuses a tracer', () => trace.setGlobalTracerProvider({ getTracer: refuse })],
  ['a tracer that refuses every span', () => trace.setGlobalTracerProvider({ getTracer: () => refusing })],
  ['a provider that refuses a logger', () => logs.setGlobalLoggerProvider({ getLogger: refuse })],
  ['a propagator that refuses everything', () => propagation.setGlobalPropagator(refusing)],
])('with %s, the program runs as without this package', async (_what, register) => {
  register();
  const instrumentation = construct();
  await send(instrumentation);
  instrumentation.disable();
  instrumentation.enable();
  instrumentation.setConfig({});
  await send(instrumentation);
  await nextTick();
  expect(refusals()).not.toEqual([]);
  expect(new Set(refusals()).size).toBe(refusals().length);
});

test('providers that refuse everything can be set on an instrumentation', async () => {
  const instrumentation = construct();
  instrumentation.setTracerProvider(refusing);
  instrumentation.setMeterProvider(refusing);
  instrumentation.setLoggerProvider(refusing);
  await send(instrumentation);
  expect(refusals()).not.toEqual([]);
});

test.each<[what: string, register: () => unknown]>([
  ['meter', () => metrics.setGlobalMeterProvider({ getMeter: refuse })],
  ['tracer', () => trace.setGlobalTracerProvider({ getTracer: refuse })],
  ['logger', () => logs.setGlobalLoggerProvider({ getLogger: refuse })],
])(
  'an instrumentation that was refused a %s says so once and accepts every call of an SDK',
  async (_what, register) => {
    register();
    const instrumentation = construct({ topics: ['orders'] });
    instrumentation.setTracerProvider(trace.getTracerProvider());
    instrumentation.setMeterProvider(metrics.getMeterProvider());
    instrumentation.setLoggerProvider(logs.getLoggerProvider());
    instrumentation.enable();
    const module = {};
    expect(instrumentation.instrumentModule(module)).toBe(module);
    instrumentation.disable();
    expect(instrumentation).toBeInstanceOf(KafkaInstrumentation);
    expect(instrumentation.isEnabled()).toBe(false);
    await nextTick();
    expect(refusals()).toEqual([expect.stringContaining('refused') as string]);
  },
);

test('an instrumentation whose creation fails after it was enabled traces nothing, and does not blame the SDK', async () => {
  class Failing extends KafkaInstrumentation {
    override enable(): void {
      super.enable();
      refuse();
    }
  }
  const startSpan = jest.fn();
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as unknown as Tracer });
  const instrumentation = new Failing();
  instrumentations.push(instrumentation);
  expect(instrumentation.isEnabled()).toBe(false);
  withMessageSpan({ topic: 'orders', partition: 0, offset: 7 }, () => undefined);
  expect(startSpan).not.toHaveBeenCalled();
  await nextTick();
  expect(refusals()).toEqual([
    expect.stringMatching(/Kafka clients are not traced, because the instrumentation could not be created\./),
  ]);
});
