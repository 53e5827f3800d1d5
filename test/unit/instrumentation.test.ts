import { KafkaInstrumentation } from '../../src';
import type { ClientName, KafkaInstrumentationConfig } from '../../src/config/options';
import { config, freshKafkajs, producerConfig } from './clients/kafkajs/kafka';
import { useTracing } from './core/tracing';

const tracing = useTracing();
const VARIABLES = ['OTEL_INSTRUMENTATION_KAFKA_CLIENTS', 'OTEL_NODE_DISABLED_INSTRUMENTATIONS'];
const instrumentations: KafkaInstrumentation[] = [];
afterEach(() => {
  for (const each of instrumentations.splice(0)) each.disable();
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
});

interface Producer {
  send(record: object): Promise<unknown>;
}

/** Imitates the promise API of Confluent's client with producers that are not connected. */
function promiseApi() {
  class Kafka {
    producer() {
      const refuse = () => Promise.reject(new Error('Cannot send without awaiting connect()'));
      return { send: refuse, sendBatch: refuse, transaction: refuse };
    }
    consumer() {
      return { run: () => undefined };
    }
    admin() {
      return {};
    }
  }
  return { Kafka, ErrorCodes: {} };
}

/** Starts a program that loads both clients after the instrumentation was constructed. */
function start(options?: KafkaInstrumentationConfig) {
  const instrumentation = new KafkaInstrumentation(options);
  instrumentations.push(instrumentation);
  const kafkajs = instrumentation.instrumentModule(freshKafkajs());
  const confluent = instrumentation.instrumentModule({ KafkaJS: promiseApi() }).KafkaJS;
  const producers = () => ({
    kafkajs: new kafkajs.Kafka(config).producer(producerConfig) as Producer,
    confluent: new confluent.Kafka().producer() as Producer,
  });
  /** Returns the clients whose `send` creates a span. */
  const traced = async (clients: Record<string, Producer> = producers()): Promise<string[]> => {
    tracing.reset();
    for (const [topic, producer] of Object.entries(clients))
      await producer.send({ topic, messages: [{ value: 'v' }] }).catch(() => undefined);
    return tracing
      .spans()
      .map(({ name }) => name.replace('send ', ''))
      .sort();
  };
  return { instrumentation, producers, traced };
}

const BOTH: readonly ClientName[] = ['confluent', 'kafkajs'];

describe('the option clients', () => {
  test.each<[KafkaInstrumentationConfig, Record<string, string>, readonly string[]]>([
    [{}, {}, BOTH],
    [{ clients: ['kafkajs'] }, {}, ['kafkajs']],
    [{ clients: ['confluent'] }, {}, ['confluent']],
    [{ clients: 'confluent,kafkajs' }, {}, BOTH],
    [{ clients: [] }, {}, []],
    [{}, { OTEL_INSTRUMENTATION_KAFKA_CLIENTS: 'confluent' }, ['confluent']],
    [{ clients: ['kafkajs'] }, { OTEL_INSTRUMENTATION_KAFKA_CLIENTS: 'confluent' }, ['kafkajs']],
    [{}, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'confluent-kafka-javascript' }, ['kafkajs']],
    [{ clients: BOTH }, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'kafkajs' }, ['confluent']],
    [{}, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'kafka' }, []],
  ])('%j with the variables %j instruments %j', async (options, variables, expected) => {
    Object.assign(process.env, variables);
    expect(await start(options).traced()).toEqual(expected);
  });

  test('applies by setConfig to clients that are created afterwards, also when it names a library again', async () => {
    const { instrumentation, producers, traced } = start();
    const early = producers();
    instrumentation.setConfig({ clients: ['kafkajs'] });
    expect(await traced()).toEqual(['kafkajs']);
    expect(await traced(early)).toEqual(BOTH);
    instrumentation.setConfig({});
    expect(await traced()).toEqual(BOTH);
  });

  test('can name a library by setConfig that was loaded while it did not', async () => {
    const { instrumentation, traced } = start({ clients: ['kafkajs'] });
    expect(await traced()).toEqual(['kafkajs']);
    instrumentation.setConfig({ clients: ['confluent'] });
    expect(await traced()).toEqual(['confluent']);
  });

  test('does not turn a disabled instrumentation on by setConfig', async () => {
    const { instrumentation, traced } = start({ clients: ['kafkajs'] });
    instrumentation.disable();
    instrumentation.setConfig({ clients: BOTH });
    expect(await traced()).toEqual([]);
    instrumentation.enable();
    expect(await traced()).toEqual(BOTH);
  });
});

test('disable() and enable() take effect on producers that exist', async () => {
  const { instrumentation, producers, traced } = start();
  const early = producers();
  instrumentation.disable();
  expect([await traced(early), await traced()]).toEqual([[], []]);
  instrumentation.enable();
  expect([await traced(early), await traced()]).toEqual([BOTH, BOTH]);
});

test('instrumentModule returns the module it got, and instruments it once', async () => {
  const instrumentation = new KafkaInstrumentation();
  instrumentations.push(instrumentation);
  const api = promiseApi();
  const exports = { KafkaJS: api };
  // Use the package, its promise API, and its ES module namespace with and without a default import.
  for (const module of [exports, api, { default: exports, KafkaJS: api }, { default: exports }])
    expect(instrumentation.instrumentModule(module)).toBe(module);
  tracing.reset();
  const producer = new api.Kafka().producer() as Producer;
  await producer.send({ topic: 'orders', messages: [{ value: 'v' }] }).catch(() => undefined);
  expect(tracing.spans().map(({ name }) => name)).toEqual(['send orders']);
});
