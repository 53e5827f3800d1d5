import { diag } from '@opentelemetry/api';
import { KafkaInstrumentation } from '../../../src';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { handOverCode } from '../../../src/support/handed-over';
import { config, freshKafkajs, nextTick, producerConfig } from '../clients/kafkajs/kafka';
import { useTracing } from '../core/tracing';

const tracing = useTracing();
const globals = globalThis as unknown as Record<symbol, unknown>;
const REGISTRY = Symbol.for('@org/kafka-otel.bundled.v1');

const instrumentations: KafkaInstrumentation[] = [];
afterEach(async () => {
  // Warnings are logged in the next tick. The next test must not receive them.
  await nextTick();
  for (const each of instrumentations.splice(0)) each.disable();
  Reflect.deleteProperty(globals, REGISTRY);
});

function instrument(options?: KafkaInstrumentationConfig): KafkaInstrumentation {
  const instrumentation = new KafkaInstrumentation(options);
  instrumentations.push(instrumentation);
  return instrumentation;
}

/** Runs the code that the bundler plugin adds at the end of a file. */
function handOver(packageName: string, exports: unknown): void {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const end = new Function('module', handOverCode(packageName)) as (module: { exports: unknown }) => void;
  end({ exports });
}

/** Loads a bundle that contains a copy of kafkajs. */
function loadBundle(packageName = 'kafkajs') {
  const kafkajs = freshKafkajs();
  handOver(packageName, kafkajs);
  return kafkajs;
}

/** True if a send of a new producer creates a span. */
async function isTraced({ Kafka }: ReturnType<typeof loadBundle>): Promise<boolean> {
  tracing.reset();
  const producer = new Kafka(config).producer(producerConfig);
  await producer.send({ topic: 'orders', messages: [{ value: 'v' }] }).catch(() => undefined);
  return tracing.spans().length > 0;
}

function warnings(): string[] {
  const logged: string[] = [];
  const ignore = () => undefined;
  const warn = (...parts: unknown[]) => logged.push(parts.join(' '));
  diag.setLogger({ error: warn, warn, info: ignore, debug: ignore, verbose: ignore });
  return logged;
}
afterEach(() => {
  diag.disable();
});

test('a library that is handed over after the instrumentation was created is traced', async () => {
  const logged = warnings();
  instrument();
  await nextTick();
  // The copy of kafkajs that this test file imports was loaded before.
  expect(logged.splice(0)).toHaveLength(1);
  expect(await isTraced(loadBundle())).toBe(true);
  await nextTick();
  expect(logged).toEqual([]);
});

test('a library that was handed over before is traced too, with a warning', async () => {
  const logged = warnings();
  const kafkajs = loadBundle();
  class Kafka {
    producer() {
      return {};
    }
    consumer() {
      return {};
    }
  }
  handOver('@confluentinc/kafka-javascript', { Kafka, ErrorCodes: {} });
  expect(await isTraced(kafkajs)).toBe(false);
  instrument();
  expect(await isTraced(kafkajs)).toBe(true);
  await nextTick();
  expect(logged.map(line => line.split(', ')[0])).toEqual([
    expect.stringContaining('@confluentinc/kafka-javascript was loaded before this instrumentation'),
    expect.stringContaining('kafkajs was loaded before this instrumentation'),
  ]);
});

test('several bundles and several copies of this package trace each library once', async () => {
  const first = loadBundle();
  instrument();
  instrument();
  const second = loadBundle();
  for (const kafkajs of [first, second]) {
    expect(await isTraced(kafkajs)).toBe(true);
    expect(tracing.spans()).toHaveLength(1);
  }
});

test('disable() and enable() count for what was and what is handed over', async () => {
  const instrumentation = instrument();
  const first = loadBundle();
  instrumentation.disable();
  const second = loadBundle();
  expect([await isTraced(first), await isTraced(second)]).toEqual([false, false]);
  instrumentation.enable();
  expect([await isTraced(first), await isTraced(second), await isTraced(loadBundle())]).toEqual([
    true,
    true,
    true,
  ]);
});

test('a disabled instrumentation is forgotten', () => {
  instrument().disable();
  const { listeners } = globals[REGISTRY] as { readonly listeners: ReadonlySet<unknown> };
  expect(listeners.size).toBe(0);
});

test('the option clients applies, also when it changes', async () => {
  const instrumentation = instrument({ clients: ['confluent'] });
  const kafkajs = loadBundle();
  expect(await isTraced(kafkajs)).toBe(false);
  instrumentation.setConfig({});
  expect(await isTraced(kafkajs)).toBe(true);
});

test('a library that this version does not know is ignored', async () => {
  const logged = warnings();
  instrument();
  expect(await isTraced(loadBundle('another-client'))).toBe(false);
  expect(logged).toEqual([]);
});

test.each<[string, unknown]>([
  ['an object', {}],
  ['null', null],
  ['a string', 'v'],
  ['one whose lists are of another kind', { modules: {}, listeners: [] }],
])('bundle and instrumentation work if something foreign is in the place: %s', async (_, foreign) => {
  globals[REGISTRY] = foreign;
  const before = JSON.stringify(foreign);
  instrument();
  expect(await isTraced(loadBundle())).toBe(false);
  expect([globals[REGISTRY], JSON.stringify(foreign)]).toEqual([foreign, before]);
});

test('the code is one line, and the registry is not enumerable', () => {
  expect(handOverCode('kafkajs')).not.toContain('\n');
  loadBundle();
  expect(Object.prototype.propertyIsEnumerable.call(globalThis, REGISTRY)).toBe(false);
});
