import { KafkaJsInstrumentation as Official } from '@opentelemetry/instrumentation-kafkajs';
import type * as kafkajs from 'kafkajs';
import shimmer from 'shimmer';
import {
  KafkaJsPatch,
  TRACED_METHODS,
  kafkaClassOf,
  type KafkaClass,
} from '../../../../src/clients/kafkajs/patch';
import type { Methods } from '../../../../src/support/wrap';
import type { Runtime } from '../../../../src/runtime';
import { useTracing } from '../../core/tracing';
import { config, freshKafkajs, nextTick, producerConfig } from './kafka';

const tracing = useTracing();

let copy: typeof kafkajs;
let prototype: Methods;
beforeEach(() => {
  copy = freshKafkajs();
  prototype = copy.Kafka.prototype as unknown as Methods;
});

const patchedBy = (runtime: Runtime = tracing.runtime()) =>
  new KafkaJsPatch(runtime, copy.Kafka as unknown as KafkaClass);

/** Creates a runtime that adds its name to its spans as an attribute. */
const named = (name: string) => tracing.runtime({ producerHook: span => void span.setAttribute('by', name) });

/** Returns the spans of a send. The producer is not connected, so kafkajs rejects the send, but the span exists. */
async function spansOfSend(producer = new copy.Kafka(config).producer(producerConfig)) {
  await nextTick();
  await expect(producer.send({ topic: 'orders', messages: [{ value: 'v' }] })).rejects.toThrow(
    'disconnected',
  );
  const spans = tracing.spans();
  tracing.reset();
  return spans.map(span => span.attributes['by'] ?? span.name);
}

describe('a patched class', () => {
  test('makes clients whose sends are spans', async () => {
    expect(await spansOfSend()).toEqual([]);
    patchedBy().patch();
    expect(await spansOfSend()).toEqual(['send orders']);
  });

  test('wraps the methods that it lists, and no others but disconnect', () => {
    const clients = () => {
      const kafka = new copy.Kafka(config);
      return { producer: kafka.producer(producerConfig), consumer: kafka.consumer({ groupId: 'g' }) };
    };
    const bare = clients();
    patchedBy().patch();
    const patched = clients();
    const wrapped = (kind: 'producer' | 'consumer') =>
      Object.entries(patched[kind])
        .filter(([name, value]) => String(value) !== String((bare[kind] as unknown as Methods)[name]))
        .map(([name]) => name);
    expect(wrapped('producer').sort()).toEqual([...TRACED_METHODS.producer, 'disconnect'].sort());
    expect(wrapped('consumer').sort()).toEqual([...TRACED_METHODS.consumer].sort());
  });

  test('makes no second span when patched again', async () => {
    const patched = patchedBy();
    for (let count = 0; count < 3; count++) patched.patch();
    expect(await spansOfSend()).toEqual(['send orders']);
  });

  test('is restored by unpatching, and can be patched again', async () => {
    const { producer, consumer } = prototype;
    const patched = patchedBy();
    patched.patch();
    patched.unpatch();
    patched.unpatch();
    expect([prototype['producer'] === producer, prototype['consumer'] === consumer]).toEqual([true, true]);
    expect(await spansOfSend()).toEqual([]);
    patched.patch();
    expect(await spansOfSend()).toEqual(['send orders']);
  });

  test('instruments clients of subclasses', async () => {
    patchedBy().patch();
    class Shop extends copy.Kafka {
      readonly #options = producerConfig;
      override producer() {
        return super.producer(this.#options);
      }
    }
    expect(await spansOfSend(new Shop(config).producer())).toEqual(['send orders']);
  });

  test('makes no spans while disabled, not even for clients that exist already', async () => {
    const runtime = { ...tracing.runtime(), isEnabled: true };
    patchedBy(runtime).patch();
    const producer = new copy.Kafka(config).producer(producerConfig);
    runtime.isEnabled = false;
    expect(await spansOfSend(producer)).toEqual([]);
    expect(await spansOfSend()).toEqual([]);
    runtime.isEnabled = true;
    expect(await spansOfSend(producer)).toEqual(['send orders']);
  });
});

describe('of two instrumentations', () => {
  test('the last one makes the spans, or the other one once the last is unpatched', async () => {
    const [first, second] = [patchedBy(named('first')), patchedBy(named('second'))];
    first.patch();
    second.patch();
    expect(await spansOfSend()).toEqual(['second']);
    second.unpatch();
    expect(await spansOfSend()).toEqual(['first']);
  });

  test('unpatching one does not affect the other', async () => {
    const [first, second] = [patchedBy(named('first')), patchedBy(named('second'))];
    first.patch();
    second.patch();
    first.unpatch();
    expect(await spansOfSend()).toEqual(['second']);
  });
});

describe('with the official instrumentation', () => {
  const official = () => {
    for (const definition of new Official().getModuleDefinitions()) definition.patch?.(copy);
  };
  const warned = () =>
    tracing.logged.filter(line => line.includes('@opentelemetry/instrumentation-kafkajs')).length;

  test.each<[string, (ours: KafkaJsPatch) => void]>([
    ['before ours', ours => { official(); ours.patch(); }], // prettier-ignore
    ['after ours', ours => { ours.patch(); official(); }], // prettier-ignore
    ['after ours, which is patched once more', ours => { ours.patch(); official(); ours.patch(); }], // prettier-ignore
  ])('patched %s, every send is one span of this package', async (_order, patch) => {
    patch(patchedBy(named('ours')));
    expect(await spansOfSend()).toEqual(['ours']);
    expect(await spansOfSend()).toEqual(['ours']);
    expect(warned()).toBeGreaterThan(0);
  });
});

describe('a foreign wrapper', () => {
  const opaque = (called: () => void) => {
    const inner = prototype['producer'] as (...args: unknown[]) => unknown;
    prototype['producer'] = function (this: unknown, ...args: unknown[]) {
      called();
      return inner.apply(this, args);
    };
  };
  const byShimmer = (called: () => void) => {
    shimmer.wrap(prototype as Record<string, () => unknown>, 'producer', inner => {
      return function (this: unknown, ...args: []) {
        called();
        return inner.apply(this, args);
      };
    });
  };

  describe.each([
    ['by hand', opaque],
    ['by shimmer', byShimmer],
  ])('%s', (_make, wrap) => {
    test('below ours is called, before and after unpatching', async () => {
      const called = jest.fn();
      wrap(called);
      const patched = patchedBy();
      patched.patch();
      expect(await spansOfSend()).toEqual(['send orders']);
      patched.unpatch();
      expect(await spansOfSend()).toEqual([]);
      expect(called).toHaveBeenCalledTimes(2);
    });

    test('above ours is called, before and after unpatching and patching again', async () => {
      const called = jest.fn();
      const patched = patchedBy();
      patched.patch();
      wrap(called);
      expect(await spansOfSend()).toEqual(['send orders']);
      patched.patch();
      expect(await spansOfSend()).toEqual(['send orders']);
      patched.unpatch();
      patched.patch();
      expect(await spansOfSend()).toEqual(['send orders']);
      expect(called).toHaveBeenCalledTimes(3);
    });
  });
});

describe('the Kafka class is', () => {
  test.each<[string, (kafka: typeof kafkajs) => unknown]>([
    ['in the exports of require()', kafka => kafka],
    ['as the exports of the inner module', kafka => kafka.Kafka],
    [
      'in an ES module namespace',
      kafka => Object.assign(Object.create(null) as object, { Kafka: kafka.Kafka, default: kafka }),
    ],
    ['in a namespace with a default export only', kafka => ({ default: kafka })],
  ])('found %s', (_where, exportsOf) => {
    expect(kafkaClassOf(exportsOf(copy))).toBe(copy.Kafka);
  });

  test.each([
    [undefined],
    [null],
    [{}],
    ['kafkajs'],
    [() => undefined],
    [{ Kafka: Map }],
    [{ default: null }],
  ])('not found in %p', exported => {
    expect(kafkaClassOf(exported)).toBeUndefined();
  });
});
