import type * as kafkajs from 'kafkajs';
import { KafkaInstrumentation } from '../../../../src';
import type { Method, Methods } from '../../../../src/support/wrap';
import { useTracing } from '../../core/tracing';
import { config, freshKafkajs, producerConfig } from './kafka';

const tracing = useTracing();

let copy: typeof kafkajs;
let instrumentation: KafkaInstrumentation;
beforeEach(() => {
  copy = freshKafkajs();
  instrumentation = new KafkaInstrumentation();
});
afterEach(() => {
  instrumentation.disable();
});

type Factory = 'producer' | 'consumer';

/** Wraps a factory by plain assignment, so that the original factory cannot be found. */
function wrapFactory(
  kafka: typeof kafkajs.Kafka,
  name: Factory,
  wrapper: (client: Methods, create: () => Methods) => unknown,
): void {
  const prototype = kafka.prototype as unknown as Methods;
  const inner = prototype[name] as Method;
  prototype[name] = function (this: unknown, ...args: unknown[]): unknown {
    const create = () => inner.apply(this, args) as Methods;
    return wrapper(create(), create);
  };
}

/** Returns a subclass with its own factories, as dd-trace gives it to the program. */
function subclass(): typeof kafkajs.Kafka {
  class Kafka extends copy.Kafka {}
  const prototype = Kafka.prototype as unknown as Methods;
  const inner = prototype['producer'] as Method;
  prototype['producer'] = function (this: unknown, ...args: unknown[]) {
    const producer = inner.apply(this, args) as Methods;
    const send = producer['send'] as Method;
    // dd-trace reads the cluster before it sends.
    producer['send'] = async (...record: unknown[]) => {
      await Promise.resolve();
      return send.apply(producer, record);
    };
    return producer;
  };
  return Kafka;
}

const producerOf = (Kafka: typeof kafkajs.Kafka = copy.Kafka) => new Kafka(config).producer(producerConfig);

/** Returns the names of the spans of a send. The producer is not connected, so kafkajs rejects the send. */
async function spansOfSend(producer: Pick<kafkajs.Producer, 'send'>): Promise<string[]> {
  tracing.reset();
  await producer.send({ topic: 'orders', messages: [{ value: 'v' }] }).catch(() => undefined);
  return tracing.spans().map(({ name }) => name);
}

const ONE = ['send orders'];

describe('a client of a subclass makes one span per send', () => {
  test.each<[string, () => typeof kafkajs.Kafka]>([
    ['when the class and the subclass, with factories of its own, are instrumented', () => {
      instrumentation.instrumentModule(copy);
      const Kafka = subclass();
      instrumentation.instrumentModule({ Kafka });
      return Kafka;
    }], // prettier-ignore
    ['when the subclass is instrumented first', () => {
      const Kafka = subclass();
      instrumentation.instrumentModule({ Kafka });
      instrumentation.instrumentModule(copy);
      return Kafka;
    }], // prettier-ignore
    ['when the subclass inherits the factories', () => {
      instrumentation.instrumentModule(copy);
      const Kafka = class extends copy.Kafka {};
      instrumentation.instrumentModule({ Kafka });
      return Kafka;
    }], // prettier-ignore
    ['when two subclasses in a row are instrumented', () => {
      instrumentation.instrumentModule(copy);
      const Middle = subclass();
      instrumentation.instrumentModule({ Kafka: Middle });
      const Kafka = class extends Middle {};
      instrumentation.instrumentModule({ Kafka });
      return Kafka;
    }], // prettier-ignore
    ['when another instrumentation has the subclass', () => {
      instrumentation.instrumentModule(copy);
      const Kafka = subclass();
      new KafkaInstrumentation().instrumentModule({ Kafka });
      return Kafka;
    }], // prettier-ignore
  ])('%s', async (_what, kafkaOf) => {
    const Kafka = kafkaOf();
    expect(await spansOfSend(producerOf(Kafka))).toEqual(ONE);
    expect(await spansOfSend(producerOf(Kafka))).toEqual(ONE);
    expect(await spansOfSend(producerOf())).toHaveLength(1);
  });

  test('and none while it is disabled', async () => {
    instrumentation.instrumentModule(copy);
    const Kafka = subclass();
    instrumentation.instrumentModule({ Kafka });
    const live = producerOf(Kafka);
    instrumentation.disable();
    expect([await spansOfSend(live), await spansOfSend(producerOf(Kafka))]).toEqual([[], []]);
    instrumentation.enable();
    expect([await spansOfSend(live), await spansOfSend(producerOf(Kafka))]).toEqual([ONE, ONE]);
  });
});

test('a subclass that inherited its factories inherits them again after disable()', () => {
  const Kafka = class extends copy.Kafka {};
  instrumentation.instrumentModule({ Kafka });
  instrumentation.disable();
  expect(Object.getOwnPropertyNames(Kafka.prototype)).toEqual(['constructor']);
});

describe('a foreign factory that hides the one it calls', () => {
  const replaceSend = (sent: unknown[]) => {
    wrapFactory(copy.Kafka, 'producer', producer => {
      producer['send'] = (record: unknown) => Promise.resolve(void sent.push(record));
      return producer;
    });
  };

  test('and replaces send() is traced after disable() and enable(), however often', async () => {
    instrumentation.instrumentModule(copy);
    for (let time = 0; time < 3; time++) {
      const sent: unknown[] = [];
      replaceSend(sent);
      instrumentation.disable();
      instrumentation.enable();
      expect(await spansOfSend(producerOf())).toEqual(ONE);
      expect(sent).toMatchObject([
        { messages: [{ headers: { traceparent: expect.any(String) as string } }] },
      ]);
    }
  });

  test('and replaces run() is traced after disable() and enable()', async () => {
    instrumentation.instrumentModule(copy);
    const configs: kafkajs.ConsumerRunConfig[] = [];
    wrapFactory(copy.Kafka, 'consumer', consumer => {
      consumer['run'] = (run: kafkajs.ConsumerRunConfig) => Promise.resolve(void configs.push(run));
      return consumer;
    });
    instrumentation.disable();
    instrumentation.enable();
    const eachMessage = () => Promise.resolve();
    await new copy.Kafka(config).consumer({ groupId: 'billing' }).run({ eachMessage });
    const message = { key: null, value: null, headers: {}, offset: '1', timestamp: '0' };
    await configs[0]?.eachMessage?.({ topic: 'orders', partition: 0, message } as never);
    expect(tracing.spans().map(({ name }) => name)).toEqual(['process orders']);
  });

  test.each<[string, (client: Methods) => unknown]>([
    ['wraps send()', producer => {
      const send = producer['send'] as Method;
      producer['send'] = (...args: unknown[]) => send(...args);
      return producer;
    }], // prettier-ignore
    ['returns a copy', producer => ({ ...producer })],
    ['returns a copy with a send() that calls the first', producer => ({
      ...producer,
      send: (...args: unknown[]) => (producer['send'] as Method)(...args),
    })], // prettier-ignore
    ['returns an object that inherits', producer => Object.create(producer) as unknown],
    ['returns a proxy', producer => new Proxy(producer, {})],
    ['returns an object of its own that calls it', producer => ({
      send: (...args: unknown[]) => (producer['send'] as Method)(...args),
    })], // prettier-ignore
  ])('and %s has one span per send, before and after disable() and enable()', async (_what, wrapper) => {
    instrumentation.instrumentModule(copy);
    wrapFactory(copy.Kafka, 'producer', wrapper);
    expect(await spansOfSend(producerOf())).toEqual(ONE);
    instrumentation.disable();
    instrumentation.enable();
    expect(await spansOfSend(producerOf())).toEqual(ONE);
  });

  test('and always returns the same client has one span per send', async () => {
    let only: Methods | undefined;
    wrapFactory(copy.Kafka, 'producer', producer => (only ??= producer));
    instrumentation.instrumentModule(copy);
    producerOf();
    expect(await spansOfSend(producerOf())).toEqual(ONE);
    instrumentation.disable();
    instrumentation.enable();
    expect(await spansOfSend(producerOf())).toEqual(ONE);
  });

  test('and creates a second client has one span per send of each', async () => {
    const others: Methods[] = [];
    instrumentation.instrumentModule(copy);
    wrapFactory(copy.Kafka, 'producer', (producer, create) => {
      others.push(create());
      return producer;
    });
    instrumentation.disable();
    instrumentation.enable();
    expect(await spansOfSend(producerOf())).toEqual(ONE);
    expect(await spansOfSend(others[0] as never)).toEqual(ONE);
  });

  test('and throws does not affect the next client', async () => {
    instrumentation.instrumentModule(copy);
    let isBroken = true;
    wrapFactory(copy.Kafka, 'producer', producer => {
      if (isBroken) throw new Error('not today');
      return producer;
    });
    instrumentation.disable();
    instrumentation.enable();
    const kafka = new copy.Kafka(config);
    expect(() => kafka.producer(producerConfig)).toThrow('not today');
    isBroken = false;
    expect(await spansOfSend(kafka.producer(producerConfig))).toEqual(ONE);
  });
});
