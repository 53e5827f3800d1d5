import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import type { ClientInfo, ErrorReader, MessageReader } from '../../core/port';
import { isObject } from '../../support/copies';
import { sharedState } from '../../support/shared-state';
import { isMethod, type Method } from '../../support/wrap';
import { byteLength, recordReader } from '../shared/messages';

/**
 * The parts of kafkajs's private cluster object that are read here. kafkajs 2.x has a connection pool per broker, and kafkajs
 * 1.x has a single connection per broker.
 */
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

/** The description of the symbol under which a `Kafka` instance stores its private function for creating clusters. */
const CREATE_CLUSTER = 'private:Kafka:createCluster';

/**
 * Maps each of our factory wrappers to the method that it calls. Also contains the wrappers of other copies of this package.
 */
const wrappedFactories = sharedState('factories', () => new WeakMap<Method, Method>());

export function rememberFactory(wrapper: Method, original: Method): void {
  wrappedFactories.set(wrapper, original);
}

/** Key: an object that `callFactory` has created. Value: the program's `Kafka` instance, from which the object inherits. */
const programInstances = sharedState('instances', () => new WeakMap<object, unknown>());

/** Returns the `Kafka` instance that the program created. `kafka` may be an object that inherits from it. */
export function programInstance(kafka: unknown): unknown {
  return programInstances.get(kafka as object) ?? kafka;
}

/**
 * Calls `producer()`, `consumer()` or `admin()` of kafkajs and gets the private cluster object that this method
 * creates.
 *
 * The cluster factory is replaced in an object that inherits from the program's `Kafka` instance. So the instance
 * itself is not changed and may be frozen.
 *
 * A wrapper of another package, or a method of a subclass, must be called on the instance itself. In this case, the
 * factory is replaced in the instance during the call. If the instance is frozen, the cluster object stays unknown.
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
  if (isMethodOfKafkaJs(original, kafka)) {
    const receiver = Object.create(spy.kafka, { [spy.symbol]: { value: spy.create } }) as object;
    programInstances.set(receiver, programInstance(spy.kafka));
    return { client: original.apply(receiver, args), cluster };
  }
  const restore = replaceFactory(spy);
  try {
    return { client: original.apply(kafka, args), cluster };
  } finally {
    restore();
  }
}

/**
 * True for a method of kafkajs's own class. Such a method may be called on an object that inherits from the program's
 * instance. Other methods may use private fields (`#name`), which only the instance itself has.
 */
function isMethodOfKafkaJs(method: Method, kafka: unknown): boolean {
  const own = unwrapped(method);
  // Class methods have no `prototype` property. Wrappers have one, because they are ordinary functions.
  if (Object.hasOwn(own, 'prototype')) return false;
  const instance = programInstance(kafka);
  const base = baseClassOf(instance);
  // The instance does not belong to a subclass, so the method is kafkajs's own.
  if (Object.getPrototypeOf(instance) === base) return true;
  const methods = Object.values(Object.getOwnPropertyDescriptors(base));
  return methods.some(({ value }) => isMethod(value) && unwrapped(value) === own);
}

/** Returns the original method inside our wrappers. */
function unwrapped(method: Method): Method {
  const original = wrappedFactories.get(method);
  return original ? unwrapped(original) : method;
}

/** Follows the class hierarchy to the class that extends no other class, and returns its prototype. */
function baseClassOf(instance: unknown): object {
  const prototype = Object.getPrototypeOf(instance) as object | null;
  // The prototype above the base class is `Object.prototype`. It may belong to another realm, so it is not compared by
  // identity.
  return prototype === null || Object.getPrototypeOf(prototype) === null
    ? (instance as object)
    : baseClassOf(prototype);
}

interface ClusterSpy {
  readonly kafka: object;
  readonly symbol: symbol;
  readonly create: Method;
}

function spyOnCluster(kafka: unknown, caught: (cluster: unknown) => void): ClusterSpy | undefined {
  if (!isObject(kafka)) return undefined;
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === CREATE_CLUSTER,
  );
  const create = symbol && (kafka as Record<symbol, unknown>)[symbol];
  if (symbol === undefined || typeof create !== 'function') return undefined;
  return {
    kafka,
    symbol,
    create(...args) {
      raiseListenerLimit(args[0]);
      const cluster: unknown = (create as Method).apply(kafka, args);
      caught(cluster);
      return cluster;
    },
  };
}

function replaceFactory({ kafka, symbol, create }: ClusterSpy): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(kafka, symbol);
  if (descriptor?.writable !== true) return () => undefined;
  Reflect.defineProperty(kafka, symbol, { value: create });
  return () => {
    Reflect.defineProperty(kafka, symbol, descriptor);
  };
}

/**
 * Node.js warns of a memory leak if an event has more than ten listeners. Our own listener must not count, so the limit is
 * raised by one.
 */
function raiseListenerLimit(options: unknown): void {
  try {
    const emitter = (options as { instrumentationEmitter?: { emitter?: unknown } }).instrumentationEmitter
      ?.emitter;
    if (!(emitter instanceof EventEmitter)) return;
    const limit = emitter.getMaxListeners();
    // 0 means no limit.
    if (limit > 0) emitter.setMaxListeners(limit + 1);
  } catch {
    // The options or the emitter cannot be read, so the limit stays as it is.
  }
}

/** Returns what kafkajs already knows about a client. Sends no request to a broker. */
export function clientInfo(cluster: unknown, group: string | undefined): ClientInfo {
  const brokerPool = (cluster as Cluster | null | undefined)?.brokerPool;
  let clusterId: string | undefined;
  let leaders: { readonly of: Metadata; readonly byTopic: Map<string, Map<number, Endpoint>> } | undefined;
  return {
    messages: kafkaJsMessages,
    errors: kafkaJsErrors,
    group,
    clientId() {
      const seed = brokerPool?.seedBroker;
      return nonEmpty(seed?.connectionPool?.pool?.[0]?.clientId ?? seed?.connection?.clientId);
    },
    // kafkajs drops its metadata on disconnect. The id of a cluster does not change, so the last known id is cached.
    clusterId: () => (clusterId = nonEmpty(brokerPool?.metadata?.clusterId) ?? clusterId),
    leader(topic, partition) {
      const metadata = brokerPool?.metadata;
      if (!metadata) return undefined;
      // kafkajs creates a new metadata object at each refresh. So the cached leaders are valid as long as the object is the
      // same.
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

const nonEmpty = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/**
 * Maps message objects to the partition that the program's partitioner chose. Most choices are not stored. A choice is
 * stored only if the chosen partition does not exist, or if the message itself names a different partition.
 */
const chosenPartitions = new WeakMap<object, number>();

/** Until the first choice is stored, the lookup for each message is skipped. */
let isAnyChosen = false;

/** @param partition - `undefined` to store nothing; negative if the chosen partition does not exist */
export function rememberChoice(message: object, partition: number | undefined): void {
  if (partition === undefined) {
    chosenPartitions.delete(message);
    return;
  }
  chosenPartitions.set(message, partition);
  isAnyChosen = true;
}

/** The size of a key, value or header in bytes. kafkajs sends a typed array that is not a Buffer as text, such as `1,2,3`. */
export function kafkaJsByteLength(value: unknown): number | undefined {
  return byteLength(types.isTypedArray(value) && !Buffer.isBuffer(value) ? value.toString() : value);
}

export const kafkaJsMessages: MessageReader = {
  ...recordReader,
  valueSize: kafkaJsByteLength,
  partition(message) {
    const chosen = isAnyChosen && isObject(message) ? chosenPartitions.get(message) : undefined;
    return chosen ?? recordReader.partition(message);
  },
};

const PROTOCOL_NAME = /^[A-Z][A-Z0-9_]{0,99}$/;

/**
 * kafkajs throws these errors before it sends a request, because an argument is wrong, or because the producer or transaction
 * has ended.
 */
const REFUSALS = new Set([
  'KafkaJSError',
  'KafkaJSNonRetriableError',
  'KafkaJSNotImplemented',
  'KafkaJSInvalidLongError',
  'KafkaJSInvalidVarIntError',
]);

/** Codes of the errors that Node.js throws if it cannot encode a key, value or header. */
const NOT_ENCODABLE = /^ERR_(INVALID_ARG|OUT_OF_RANGE|BUFFER)/;

/**
 * Errors of a request to a broker: from Kafka's protocol, from the network or from kafkajs. All other errors come from the
 * program's own partitioner or getters.
 */
const FROM_REQUEST = /^(KafkaJS\w+|[A-Z][A-Z0-9_]+)$/;

/** The names of kafkajs errors start with `KafkaJS`. Their field `type` contains the protocol's name of the error. */
export const kafkaJsErrors: ErrorReader = {
  isLibraryError(error) {
    const { name } = error as { name?: unknown };
    return typeof name === 'string' && name.startsWith('KafkaJS');
  },
  protocolName(error) {
    const { type } = error as { type?: unknown };
    return typeof type === 'string' && PROTOCOL_NAME.test(type) ? type : undefined;
  },
  wasAttempted: errorType =>
    FROM_REQUEST.test(errorType) && !REFUSALS.has(errorType) && !NOT_ENCODABLE.test(errorType),
};
