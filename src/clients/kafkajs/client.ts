import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import type { ClientInfo, ErrorReader, MessageReader } from '../../core/port';
import { isObject } from '../../support/copies';
import { sharedState } from '../../support/shared-state';
import { isMethod, type Method } from '../../support/wrap';
import { byteLength, recordReader } from '../shared/messages';

/**
 * kafkajs's private cluster object, read defensively. 2.x has a connection pool per broker, 1.x has one connection per broker.
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

/** Description of the symbol under which a `Kafka` instance keeps its cluster factory. */
const CREATE_CLUSTER = 'private:Kafka:createCluster';

/** The method that each of our factory wrappers calls. Includes the wrappers of other copies of this package. */
const wrappedFactories = sharedState('factories', () => new WeakMap<Method, Method>());

export function rememberFactory(wrapper: Method, original: Method): void {
  wrappedFactories.set(wrapper, original);
}

/** The program's own `Kafka` instance, by the derived object on which a factory is called. */
const programInstances = sharedState('instances', () => new WeakMap<object, unknown>());

/** The `Kafka` instance that the program created. `kafka` may be the derived object that `callFactory` creates. */
export function programInstance(kafka: unknown): unknown {
  return programInstances.get(kafka as object) ?? kafka;
}

/**
 * Calls kafkajs's own `producer()`, `consumer()` or `admin()` and catches the private cluster object that it creates. The
 * method is called on an object that inherits from the program's instance. This does not change the instance, so it works for
 * a frozen instance too. A foreign wrapper or a method of a subclass is called on the program's own instance, whose cluster
 * factory is replaced until the call returns. If that instance is frozen, its cluster object stays unknown.
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
 * True for a method of kafkajs's own class. A foreign wrapper, or a method of a subclass, may need the program's own instance,
 * because a derived object does not have the private fields of the instance.
 */
function isMethodOfKafkaJs(method: Method, kafka: unknown): boolean {
  const own = unwrapped(method);
  // Class methods have no `prototype` property. Wrappers have one, because they are written as functions.
  if (Object.hasOwn(own, 'prototype')) return false;
  const instance = programInstance(kafka);
  const base = baseClassOf(instance);
  // The instance is not of a subclass, so the method cannot belong to one.
  if (Object.getPrototypeOf(instance) === base) return true;
  const methods = Object.values(Object.getOwnPropertyDescriptors(base));
  return methods.some(({ value }) => isMethod(value) && unwrapped(value) === own);
}

/** The method below all of our wrappers around a factory. */
function unwrapped(method: Method): Method {
  const original = wrappedFactories.get(method);
  return original ? unwrapped(original) : method;
}

/** The prototype of the base class, which extends no other class. */
function baseClassOf(instance: unknown): object {
  const prototype = Object.getPrototypeOf(instance) as object | null;
  // The last prototype of the chain is `Object.prototype`, possibly of another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null
    ? (instance as object)
    : baseClassOf(prototype);
}

/** A replacement of an instance's cluster factory. */
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

/** @returns a function that restores the factory */
function replaceFactory({ kafka, symbol, create }: ClusterSpy): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(kafka, symbol);
  if (descriptor?.writable !== true) return () => undefined;
  Reflect.defineProperty(kafka, symbol, { value: create });
  return () => {
    Reflect.defineProperty(kafka, symbol, descriptor);
  };
}

/** From the 11th listener of an event on, Node.js warns of a leak. Our listener must not be one of the ten of the program. */
function raiseListenerLimit(options: unknown): void {
  try {
    const emitter = (options as { instrumentationEmitter?: { emitter?: unknown } }).instrumentationEmitter
      ?.emitter;
    if (!(emitter instanceof EventEmitter)) return;
    const limit = emitter.getMaxListeners();
    // 0 means no limit.
    if (limit > 0) emitter.setMaxListeners(limit + 1);
  } catch {
    // This emitter cannot be read, so its limit stays as it is.
  }
}

/** What kafkajs already knows about a client. Sends no request to a broker. */
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
    // kafkajs drops its metadata when it disconnects. The id is kept here, because the id of a cluster does not change.
    clusterId: () => (clusterId = nonEmpty(brokerPool?.metadata?.clusterId) ?? clusterId),
    leader(topic, partition) {
      const metadata = brokerPool?.metadata;
      if (!metadata) return undefined;
      // Each refresh creates a new metadata object, so an index that was made from the current object is up to date.
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
 * Partitions that the program's partitioner chose, by the message object that kafkajs got. Only those that differ from the
 * partition that the message names.
 */
const chosenPartitions = new WeakMap<object, number>();

/** True once such a partitioner has chosen a partition. Until then, a look-up per message is skipped. */
let isAnyChosen = false;

/**
 * @param partition - `undefined` if the partitioner chose the partition that the message names; negative if it does not exist
 */
export function rememberChoice(message: object, partition: number | undefined): void {
  if (partition === undefined) {
    chosenPartitions.delete(message);
    return;
  }
  chosenPartitions.set(message, partition);
  isAnyChosen = true;
}

/** The size of a key, value or header in bytes. kafkajs sends bytes that are not a Buffer as text: `1,2,3`. */
export function kafkaJsByteLength(value: unknown): number | undefined {
  return byteLength(types.isTypedArray(value) && !Buffer.isBuffer(value) ? value.toString() : value);
}

/** Reads kafkajs messages. */
export const kafkaJsMessages: MessageReader = {
  ...recordReader,
  valueSize: kafkaJsByteLength,
  partition(message) {
    const chosen = isAnyChosen && isObject(message) ? chosenPartitions.get(message) : undefined;
    return chosen ?? recordReader.partition(message);
  },
};

const PROTOCOL_NAME = /^[A-Z][A-Z0-9_]{0,99}$/;

/** Errors of calls that kafkajs refuses before a request: bad arguments, or a producer or transaction that has ended. */
const REFUSALS = new Set([
  'KafkaJSError',
  'KafkaJSNonRetriableError',
  'KafkaJSNotImplemented',
  'KafkaJSInvalidLongError',
  'KafkaJSInvalidVarIntError',
]);

/** Codes of the errors that Node.js throws for a key, value or header that cannot be encoded. */
const NOT_ENCODABLE = /^ERR_(INVALID_ARG|OUT_OF_RANGE|BUFFER)/;

/**
 * Errors of Kafka's protocol, of the network, or of a kafkajs class. Others come from the program's own partitioner or getter.
 */
const FROM_REQUEST = /^(KafkaJS\w+|[A-Z][A-Z0-9_]+)$/;

/** Reads kafkajs errors: their names start with `KafkaJS`, and `type` is the protocol's name. */
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
