import { Kafka, type Partitioners } from 'kafkajs';
import { callFactory, clientFacts, rememberFactory } from '../../../../src/clients/kafkajs/client';
import type { Method } from '../../../../src/support/wrap';
import { config, producerConfig } from './kafka';

/** As much of kafkajs's private cluster as is looked at. */
interface Cluster {
  readonly brokerPool: { createSeedBroker(): Promise<void>; metadata: unknown };
}

const FACTORIES = [
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with a receiver, as the wrapper does
  ['producer', Kafka.prototype.producer as unknown as Method, producerConfig],
  // eslint-disable-next-line @typescript-eslint/unbound-method
  ['consumer', Kafka.prototype.consumer as unknown as Method, { groupId: 'billing' }],
] as const;

class Shop extends Kafka {
  readonly #tenant = 'acme';
  override producer(options: { createPartitioner: typeof Partitioners.DefaultPartitioner }) {
    return Object.assign(super.producer(options), { tenant: this.#tenant });
  }
}

describe.each(FACTORIES)("kafkajs's own %s()", (_name, factory, options) => {
  test.each<[string, Kafka]>([
    ['a Kafka', new Kafka(config)],
    ['a frozen Kafka', Object.freeze(new Kafka(config))],
    ['an instance of a subclass with private fields', new Shop(config)],
  ])('of %s gives its client, and lets the cluster be seen', (_what, kafka) => {
    const before = Reflect.ownKeys(kafka);
    const { client, cluster } = callFactory(factory, kafka, [options]);
    expect(client).toHaveProperty('connect');
    expect(cluster).toHaveProperty('brokerPool');
    expect(Reflect.ownKeys(kafka)).toEqual(before);
    expect(Object.getOwnPropertySymbols(kafka).every(symbol => Object.hasOwn(kafka, symbol))).toBe(true);
  });

  test('throws what it throws on something that is no Kafka', () => {
    for (const receiver of [undefined, null, {}]) {
      expect(() => callFactory(factory, receiver, [options])).toThrow(TypeError);
    }
  });
});

describe('a wrapper in between', () => {
  const called = (kafka: Kafka) => {
    const receivers: unknown[] = [];
    const theirs = function (this: unknown, ...args: unknown[]) {
      receivers.push(this);
      return kafka.producer(...(args as [typeof producerConfig]));
    };
    return { ...callFactory(theirs, kafka, [producerConfig]), receivers };
  };

  test("gets the program's own instance, which is afterwards as it was, and the cluster is seen", () => {
    const kafka = new Kafka(config);
    const before = Object.getOwnPropertyDescriptors(kafka);
    const { client, cluster, receivers } = called(kafka);
    expect(receivers[0]).toBe(kafka);
    expect(client).toHaveProperty('send');
    expect(cluster).toHaveProperty('brokerPool');
    const after = Object.getOwnPropertyDescriptors(kafka);
    expect(Reflect.ownKeys(after)).toEqual(Reflect.ownKeys(before));
    for (const key of Reflect.ownKeys(before))
      expect(Reflect.get(after, key)).toEqual(Reflect.get(before, key));
  });

  test('that throws leaves the instance as it was', () => {
    const kafka = new Kafka(config);
    const before = Object.getOwnPropertyDescriptors(kafka);
    const theirs = function () {
      throw new Error('not today');
    };
    expect(() => callFactory(theirs, kafka, [])).toThrow('not today');
    expect(Object.getOwnPropertyDescriptors(kafka)).toEqual(before);
  });

  test('gets a frozen instance as it is, and nothing is known of the cluster', () => {
    const kafka = Object.freeze(new Kafka(config));
    const { client, cluster, receivers } = called(kafka);
    expect(receivers[0]).toBe(kafka);
    expect(client).toHaveProperty('send');
    expect(cluster).toBeUndefined();
  });
});

test("a subclass's own factory gets its own instance, with its private fields, and the cluster is seen", () => {
  const shop = new Shop(config);
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { client, cluster } = callFactory(Shop.prototype.producer as unknown as Method, shop, [
    producerConfig,
  ]);
  expect(client).toHaveProperty('tenant', 'acme');
  expect(cluster).toHaveProperty('brokerPool');
});

test('a wrapper of ours, also one of another copy of this package, does not hide it', () => {
  const kafka = new Kafka(config);
  const ours = function (this: unknown, ...args: unknown[]) {
    return FACTORIES[0][1].apply(this, args);
  };
  rememberFactory(ours, FACTORIES[0][1]);
  expect(callFactory(ours, kafka, [producerConfig]).cluster).toHaveProperty('brokerPool');
});

describe('what is known of a client', () => {
  function facts() {
    const { cluster } = callFactory(FACTORIES[0][1], new Kafka(config), [producerConfig]);
    return { known: clientFacts(cluster, 'billing'), pool: (cluster as Cluster).brokerPool };
  }
  const all = (known: ReturnType<typeof clientFacts>) => [
    known.group,
    known.clientId(),
    known.clusterId(),
    known.leader('orders', 0),
  ];

  test('is nothing but its group before it connects', () => {
    expect(all(facts().known)).toEqual(['billing', undefined, undefined, undefined]);
  });

  test('includes its id as soon as kafkajs has a broker to talk to', async () => {
    const { known, pool } = facts();
    await pool.createSeedBroker();
    expect(known.clientId()).toBe('shop');
  });

  const broker = (nodeId: number) => ({ nodeId, host: `kafka-${nodeId}`, port: 9092 });
  const metadataOf = (leader: number) => ({
    clusterId: 'cluster-1',
    brokers: [broker(1), broker(2)],
    topicMetadata: [{ topic: 'orders', partitionMetadata: [{ partitionId: 0, leader }] }],
  });

  test('includes the cluster and the leaders once kafkajs has asked for them, and follows each answer', () => {
    const { known, pool } = facts();
    pool.metadata = metadataOf(1);
    expect([known.clusterId(), known.leader('orders', 0)]).toEqual([
      'cluster-1',
      { host: 'kafka-1', port: 9092 },
    ]);
    pool.metadata = metadataOf(2);
    expect(known.leader('orders', 0)).toEqual({ host: 'kafka-2', port: 9092 });
    expect([known.leader('orders', 1), known.leader('bills', 0)]).toEqual([undefined, undefined]);
  });

  test('leaves out a leader that is unknown, and anything that is not of its type', () => {
    const { known, pool } = facts();
    for (const metadata of [
      metadataOf(-1),
      {},
      { ...metadataOf(1), clusterId: null, brokers: [{ nodeId: 1, host: null }] },
    ]) {
      pool.metadata = metadata;
      expect(known.leader('orders', 0)).toBeUndefined();
    }
    expect(known.clusterId()).toBeUndefined();
  });

  test('is read where kafkajs 1.x keeps it', () => {
    const cluster = {
      brokerPool: { seedBroker: { connection: { clientId: 'shop' } }, metadata: metadataOf(1) },
    };
    expect(all(clientFacts(cluster, undefined))).toEqual([
      undefined,
      'shop',
      'cluster-1',
      { host: 'kafka-1', port: 9092 },
    ]);
  });

  test.each([
    [undefined],
    [null],
    [{}],
    [{ brokerPool: null }],
    [{ brokerPool: { seedBroker: { connectionPool: {} } } }],
    ['text'],
  ])('is nothing of %j', cluster => {
    expect(all(clientFacts(cluster, undefined))).toEqual([undefined, undefined, undefined, undefined]);
  });
});
