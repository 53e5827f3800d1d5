import { EventEmitter } from 'node:events';
import type { ClientInfo, ErrorReader, MessageReader } from '../../core/port';
import { headerRecord, ownHeaders } from '../../support/copies';
import { sharedState } from '../../support/shared-state';
import type { Method } from '../../support/wrap';
import { chosenPartition } from './partitioner';

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
const wrapped = sharedState('factories', () => new WeakMap<Method, Method>());

export function rememberFactory(wrapper: Method, original: Method): void {
  wrapped.set(wrapper, original);
}

/**
 * Calls kafkajs's own `producer()` / `consumer()` / `admin()` and catches the cluster that it creates: by a receiver that
 * inherits from the user's instance, which works for a frozen one too and leaves it untouched. Where another wrapper is in
 * between, that one gets the user's own instance, and nothing is known of the cluster.
 */
export function callFactory(
  original: Method,
  kafka: unknown,
  args: unknown[],
): { client: unknown; cluster: unknown } {
  let cluster: unknown;
  const receiver = isOwnOfKafkaJs(original)
    ? spyOnCluster(kafka, created => {
        cluster = created;
      })
    : kafka;
  const client = original.apply(receiver, args);
  return { client, cluster };
}

/** Methods of a class have no `prototype`; wrappers, written as functions, do. */
function isOwnOfKafkaJs(method: Method): boolean {
  const original = wrapped.get(method);
  return original ? isOwnOfKafkaJs(original) : !Object.hasOwn(method, 'prototype');
}

function spyOnCluster(kafka: unknown, caught: (cluster: unknown) => void): unknown {
  if (typeof kafka !== 'object' || kafka === null) return kafka;
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === CREATE_CLUSTER,
  );
  const create = symbol && (kafka as Record<symbol, unknown>)[symbol];
  if (symbol === undefined || typeof create !== 'function') return kafka;
  const value = (...args: unknown[]): unknown => {
    makeRoomForListener(args[0]);
    const cluster: unknown = (create as Method).apply(kafka, args);
    caught(cluster);
    return cluster;
  };
  return Object.create(kafka, { [symbol]: { value } });
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

interface Message {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: unknown;
  readonly partition?: unknown;
  readonly offset?: unknown;
  readonly timestamp?: unknown;
}

const NO_MESSAGE: Message = {};

const fieldsOf = (message: unknown): Message =>
  typeof message === 'object' && message !== null ? message : NO_MESSAGE;

/** Reads kafkajs messages. Offsets and timestamps are 64-bit integers as strings, headers an object of Buffers. */
export const kafkaJsMessages: MessageReader = {
  headers(message) {
    return headerRecord(ownHeaders(fieldsOf(message)));
  },
  key: message => fieldsOf(message).key,
  isTombstone: message => fieldsOf(message).value === null,
  partition(message) {
    const fields = fieldsOf(message);
    const partition = chosenPartition(fields) ?? fields.partition;
    return partition === undefined || partition === null ? undefined : Number(partition);
  },
  offset(message) {
    const offset = Number(fieldsOf(message).offset);
    return Number.isSafeInteger(offset) ? offset : undefined;
  },
  timestamp(message) {
    // "-1" when the broker knows none.
    const timestamp = Number(fieldsOf(message).timestamp ?? NaN);
    return timestamp >= 0 ? timestamp : undefined;
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

/** Node.js refuses a key, value or header that cannot be encoded. */
const NOT_ENCODABLE = /^ERR_(INVALID_ARG|OUT_OF_RANGE|BUFFER)/;

/** Kafka's protocol, the network, or a kafkajs class. Other classes come from a program's partitioner or getter. */
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
