import { Kafka, type Partitioners } from 'kafkajs';
import { callFactory, clientInfo, rememberFactory } from '../../../../src/clients/kafkajs/client';
import type { Method } from '../../../../src/support/wrap';
import { config, producerConfig } from './kafka';

/** The properties of kafkajs's private cluster object that the instrumentation reads. */
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
  ])('of %s returns its client, and the cluster is known', (_what, kafka) => {
    const before = Reflect.ownKeys(kafka);
    const { client, cluster } = callFactory(factory, kafka, [options]);
    expect(client).toHaveProperty('connect');
    expect(cluster).toHaveProperty('brokerPool');
    expect(Reflect.ownKeys(kafka)).toEqual(before);
    expect(Object.getOwnPropertySymbols(kafka).every(symbol => Object.hasOwn(kafka, symbol))).toBe(true);
  });

  test('throws the same error for a receiver that is not a Kafka', () => {
    for (const receiver of [undefined, null, {}]) {
      expect(() => callFactory(factory, receiver, [options])).toThrow(TypeError);
    }
  });
});

describe('a wrapper in between', () => {
  const called = (kafka: Kafka) => {
    const receivers: unknown[] = [];
    const foreign = function (this: unknown, ...args: unknown[]) {
      receivers.push(this);
      return kafka.producer(...(args as [typeof producerConfig]));
    };
    return { ...callFactory(foreign, kafka, [producerConfig]), receivers };
  };

  test("gets the program's own instance, which is unchanged afterwards, and the cluster is known", () => {
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

  test('that throws leaves the instance unchanged', () => {
    const kafka = new Kafka(config);
    const before = Object.getOwnPropertyDescriptors(kafka);
    const foreign = function () {
      throw new Error('not today');
    };
    expect(() => callFactory(foreign, kafka, [])).toThrow('not today');
    expect(Object.getOwnPropertyDescriptors(kafka)).toEqual(before);
  });

  test('gets a frozen instance, and the cluster is not known', () => {
    const kafka = Object.freeze(new Kafka(config));
    const { client, cluster, receivers } = called(kafka);
    expect(receivers[0]).toBe(kafka);
    expect(client).toHaveProperty('send');
    expect(cluster).toBeUndefined();
  });
});

test("a subclass's own factory gets its instance with private fields, and the cluster is known", () => {
  const shop = new Shop(config);
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { client, cluster } = callFactory(Shop.prototype.producer as unknown as Method, shop, [
    producerConfig,
  ]);
  expect(client).toHaveProperty('tenant', 'acme');
  expect(cluster).toHaveProperty('brokerPool');
});

test('the cluster is known through our own wrapper, even that of another copy of this package', () => {
  const kafka = new Kafka(config);
  const ours = function (this: unknown, ...args: unknown[]) {
    return FACTORIES[0][1].apply(this, args);
  };
  rememberFactory(ours, FACTORIES[0][1]);
  expect(callFactory(ours, kafka, [producerConfig]).cluster).toHaveProperty('brokerPool');
});

describe('the information of a client', () => {
  function facts() {
    const { cluster } = callFactory(FACTORIES[0][1], new Kafka(config), [producerConfig]);
    return { known: clientInfo(cluster, 'billing'), pool: (cluster as Cluster).brokerPool };
  }
  const all = (known: ReturnType<typeof clientInfo>) => [
    known.group,
    known.clientId(),
    known.clusterId(),
    known.leader('orders', 0),
  ];

  test('is only its group before it connects', () => {
    expect(all(facts().known)).toEqual(['billing', undefined, undefined, undefined]);
  });

  test('includes its id once kafkajs has a seed broker', async () => {
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

  test('includes the cluster and the leaders once kafkajs has metadata, and changes with each refresh', () => {
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

  test('leaves out an unknown leader, and values of a wrong type', () => {
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

  test('is read from the fields of kafkajs 1.x', () => {
    const cluster = {
      brokerPool: { seedBroker: { connection: { clientId: 'shop' } }, metadata: metadataOf(1) },
    };
    expect(all(clientInfo(cluster, undefined))).toEqual([
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
  ])('is empty for %j', cluster => {
    expect(all(clientInfo(cluster, undefined))).toEqual([undefined, undefined, undefined, undefined]);
  });
});
