import { EventEmitter } from 'node:events';
import type { ClientFacts } from '../telemetry/client';
import { shared } from '../shared';
import type { Method } from './types';

/** kafkajs's private cluster object, read defensively: 2.x keeps a connection pool per broker, 1.x a connection. */
interface Cluster {
  readonly brokerPool?: {
    readonly seedBroker?: {
      readonly connectionPool?: Connection & { readonly pool?: readonly Connection[] };
      readonly connection?: Connection;
    };
    readonly metadata?: Metadata | null;
  };
}

interface Connection {
  readonly clientId?: unknown;
}

interface Metadata {
  readonly clusterId?: unknown;
  readonly brokers?: readonly {
    readonly nodeId?: unknown;
    readonly host?: unknown;
    readonly port?: unknown;
  }[];
  readonly topicMetadata?: readonly {
    readonly topic?: unknown;
    readonly partitionMetadata?: readonly { readonly partitionId?: unknown; readonly leader?: unknown }[];
  }[];
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The description of the symbol under which a `Kafka` instance keeps its cluster factory. */
const CREATE_CLUSTER = 'private:Kafka:createCluster';

/** What each factory wrapper of ours calls, also those of another instance or copy of this package. */
const wrapped = shared('factories', () => new WeakMap<Method, Method>());

export function rememberFactory(wrapper: Method, original: Method): void {
  wrapped.set(wrapper, original);
}

/** The program's own instance, of each receiver that was made of it to see its cluster. */
const instances = shared('instances', () => new WeakMap<object, unknown>());

/** The instance that the program made, where a wrapper of ours further out calls with a receiver that inherits from it. */
export function ownInstance(kafka: unknown): unknown {
  return instances.get(kafka as object) ?? kafka;
}

/**
 * Calls kafkajs's own `producer()` / `consumer()` / `admin()` and catches the cluster that it creates: by a receiver that
 * inherits from the user's instance, which works for a frozen one too and leaves it untouched. A foreign wrapper in between, or a
 * subclass, gets the user's own instance, with kafkajs's private cluster factory replaced until it returns; of a frozen one nothing
 * is known.
 */
export function callFactory(
  original: Method,
  kafka: unknown,
  args: unknown[],
): { client: unknown; cluster: unknown } {
  let cluster: unknown;
  const spy = spyOnCluster(kafka, created => {
    cluster = created;
  });
  if (!spy) return { client: original.apply(kafka, args), cluster };
  if (isOwnOfKafkaJs(original) && !isOfSubclass(kafka)) {
    const receiver = Object.create(spy.kafka, { [spy.symbol]: { value: spy.create } }) as object;
    instances.set(receiver, ownInstance(spy.kafka));
    return { client: original.apply(receiver, args), cluster };
  }
  const restore = replace(spy);
  try {
    return { client: original.apply(kafka, args), cluster };
  } finally {
    restore();
  }
}

/** Methods of a class have no `prototype`; wrappers, written as functions, do. */
function isOwnOfKafkaJs(method: Method): boolean {
  const original = wrapped.get(method);
  return original ? isOwnOfKafkaJs(original) : !Object.hasOwn(method, 'prototype');
}

/** A subclass may have private fields, which a receiver that merely inherits from its instance has not. */
function isOfSubclass(kafka: unknown): boolean {
  const prototype = Object.getPrototypeOf(ownInstance(kafka)) as object | null;
  const parent = prototype && (Object.getPrototypeOf(prototype) as object | null);
  // That of a class without a parent is Object.prototype, of whatever realm.
  return parent !== null && Object.getPrototypeOf(parent) !== null;
}

/** What stands in for the cluster factory of a `Kafka` instance during a call. */
interface Spy {
  readonly kafka: object;
  readonly symbol: symbol;
  readonly create: Method;
}

function spyOnCluster(kafka: unknown, caught: (cluster: unknown) => void): Spy | undefined {
  if (typeof kafka !== 'object' || kafka === null) return undefined;
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === CREATE_CLUSTER,
  );
  const create = symbol && (kafka as Record<symbol, unknown>)[symbol];
  if (symbol === undefined || typeof create !== 'function') return undefined;
  return {
    kafka,
    symbol,
    create(...args) {
      makeRoomForListener(args[0]);
      const cluster: unknown = (create as Method).apply(kafka, args);
      caught(cluster);
      return cluster;
    },
  };
}

/** Puts the spy in the factory's place, and gives what puts the factory back as it was. */
function replace({ kafka, symbol, create }: Spy): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(kafka, symbol);
  if (descriptor?.writable !== true) return () => undefined;
  Reflect.defineProperty(kafka, symbol, { value: create });
  return () => {
    Reflect.defineProperty(kafka, symbol, descriptor);
  };
}

/**
 * The metrics listen to a client's events once each. That takes none of the ten listeners which the program may add to an event
 * before Node.js warns of a leak.
 */
function makeRoomForListener(options: unknown): void {
  try {
    const emitter = (options as { instrumentationEmitter?: { emitter?: unknown } }).instrumentationEmitter
      ?.emitter;
    if (!(emitter instanceof EventEmitter)) return;
    const most = emitter.getMaxListeners();
    // Zero stands for any number.
    if (most > 0) emitter.setMaxListeners(most + 1);
  } catch {
    // What cannot be read stays as it is.
  }
}

/** Reads what kafkajs already knows; asks no broker. */
export function clientFacts(cluster: unknown, group: string | undefined): ClientFacts {
  const brokerPool = (cluster as Cluster | null | undefined)?.brokerPool;
  let clusterId: string | undefined;
  let leaders: { readonly of: Metadata; readonly byTopic: Map<string, Map<number, Endpoint>> } | undefined;
  return {
    group,
    clientId() {
      const seed = brokerPool?.seedBroker;
      return text(seed?.connectionPool?.pool?.[0]?.clientId ?? seed?.connection?.clientId);
    },
    // kafkajs forgets its metadata when it disconnects; a cluster's id does not change.
    clusterId: () => (clusterId = text(brokerPool?.metadata?.clusterId) ?? clusterId),
    leader(topic, partition) {
      const metadata = brokerPool?.metadata;
      if (!metadata) return undefined;
      // kafkajs makes a new metadata object at every refresh, so what is indexed for one never goes stale.
      if (leaders?.of !== metadata)
        leaders = { of: metadata, byTopic: new Map<string, Map<number, Endpoint>>() };
      const { byTopic } = leaders;
      let byPartition = byTopic.get(topic);
      if (!byPartition) byTopic.set(topic, (byPartition = leadersOf(metadata, topic)));
      return byPartition.get(partition);
    },
  };
}

function leadersOf({ brokers = [], topicMetadata = [] }: Metadata, topic: string): Map<number, Endpoint> {
  const leaders = new Map<number, Endpoint>();
  for (const { partitionId, leader } of topicMetadata.find(entry => entry.topic === topic)
    ?.partitionMetadata ?? []) {
    const broker = brokers.find(({ nodeId }) => nodeId === leader);
    if (
      typeof partitionId !== 'number' ||
      typeof broker?.host !== 'string' ||
      typeof broker.port !== 'number'
    )
      continue;
    leaders.set(partitionId, { host: broker.host, port: broker.port });
  }
  return leaders;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
