import type { Fetch, PausedPartitions } from '../metrics/partition-lag';
import type { TraceHeaders } from '../propagation/inject';
import type { Headers } from '../propagation/extract';
import type { ClientName } from '../config/options';
import type { Runtime } from '../runtime';

/**
 * The types in this file connect the code for each client library (`src/clients/`) with the core (`src/core/`). The
 * code for a library wraps the library's methods and converts calls and messages to these types. The core creates
 * spans, metrics and headers from them. `docs/architecture.md` describes how to add a library.
 */

export type { Fetch, Headers, PausedPartitions, TraceHeaders };

export interface ClientLibrary {
  /** The library's name in the option `clients`. */
  readonly name: ClientName;
  /** The library's name in `OTEL_NODE_DISABLED_INSTRUMENTATIONS` and `OTEL_NODE_ENABLED_INSTRUMENTATIONS`. */
  readonly instrumentationName: string;
  readonly packageName: string;
  /** Semver ranges of the package. Prereleases are included. */
  readonly supportedVersions: readonly string[];
  readonly tracedMethods: TracedMethods;
  /**
   * A CommonJS file that the package's entry file requires and that exports the same classes. Require hooks see this file
   * even if an ES module imports the package. `undefined` if hooking the entry is enough.
   */
  readonly innerFile: string | undefined;
  /**
   * Finds the object to patch in the exports of the package or of `innerFile`. Returns the argument if it is already the
   * object to patch.
   *
   * @returns `undefined` if the exports belong to another module
   */
  findTarget(moduleExports: unknown): object | undefined;
  /**
   * Creates the patch for one loaded copy of the library. Nothing is wrapped before `patch()` is called.
   *
   * @param beforeClient - must be called before each creation of a client
   */
  createPatch(runtime: Runtime, target: object, beforeClient: () => void): LibraryPatch;
}

/** The names of traced methods. Some releases of a library lack some of them. */
export interface TracedMethods {
  readonly producer: readonly string[];
  /** Methods of the object that `transaction()` resolves with. */
  readonly transaction: readonly string[];
  readonly consumer: readonly string[];
  readonly handlers: readonly string[];
  /** Methods of the object that `eachBatch` gets. */
  readonly payload: readonly string[];
  readonly admin: 'all';
}

export interface LibraryPatch {
  /** Wraps the methods that create clients. Does nothing if they are already wrapped. */
  patch(): void;
  /** Restores the original methods. If other code has wrapped our wrapper, our wrapper stays and only passes calls on. */
  unpatch(): void;
}

/** What is known about one producer, consumer or admin client. Unknown values are `undefined`, never guessed. */
export interface ClientInfo {
  readonly messages: MessageReader;
  readonly errors: ErrorReader;
  readonly group: string | undefined;
  clientId(): string | undefined;
  clusterId(): string | undefined;
  /** The broker that leads a partition. `undefined` if the client would have to ask a broker. */
  leader(topic: string, partition: number): { readonly host: string; readonly port: number } | undefined;
}

/** Reads the fields of sent and received messages of one client library. Never throws for a malformed message. */
export interface MessageReader {
  /** The headers of a message to send. `undefined` if there are none, or if the library ignores headers of this form. */
  headers(message: unknown): Headers | undefined;
  /** The headers of a received message. `headers` may also be an inherited property. */
  receivedHeaders(message: unknown): Headers | undefined;
  /** Text, bytes, or any other value that the program passed. */
  key(message: unknown): unknown;
  /**
   * Text, bytes, or any other value that the program passed. Null is a tombstone, which deletes the key from a compacted
   * topic.
   */
  value(message: unknown): unknown;
  /** The size of a value in bytes before compression. `undefined` for null or if the size is unknown. */
  valueSize(value: unknown): number | undefined;
  /**
   * The partition that the program or its partitioner chose for a message to send. A negative number means that this
   * partition does not exist. `NaN` means that the value is not a number, so the library will refuse the message.
   */
  partition(message: unknown): number | undefined;
  /** The offset of a received message. `undefined` if it is not a safe integer. */
  offset(message: unknown): number | undefined;
  /** Milliseconds since the epoch. `undefined` if the message has no timestamp. */
  timestamp(message: unknown): number | undefined;
}

/**
 * Reads the errors of one library by their fields. `instanceof` would fail if the program loads several copies of a package.
 */
export interface ErrorReader {
  /** True if the library itself created the error. For other errors, `error.type` is the system code or the class name. */
  isLibraryError(error: object): boolean;
  /** The error's name in the Kafka protocol, such as `MESSAGE_TOO_LARGE`. */
  protocolName(error: object): string | undefined;
  /** False if this `error.type` means that the library refused a send without contacting a broker. */
  wasAttempted(errorType: string): boolean;
}

/** The messages for one topic in a send call. A call may contain the same topic several times. */
export interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly unknown[];
  /** True if the program did not pass an array, so the library will refuse the call. */
  readonly isMalformed?: boolean;
}

/** Returns the trace headers for the message at this index, or `undefined` to add none. */
export type HeadersByIndex = (index: number) => TraceHeaders | undefined;

/**
 * The argument of a send call. Each property was read only once, because it may be a getter with side effects.
 *
 * `Replaced` is the type that `withHeaders` returns: for kafkajs a copy of the argument, for Confluent's client a list of
 * headers to add later.
 */
export interface SendRequest<Replaced = unknown> {
  readonly topics: readonly TopicMessages[];
  /** True if the call sends nothing. The library then resolves at once, without contacting a broker. */
  readonly isEmpty: boolean;
  /** False with `acks: 0`: the broker sends no answer, so the result contains no partitions. */
  readonly isAcknowledged: boolean;
  /**
   * Prepares trace headers for the messages. Never changes the program's own messages.
   *
   * @param headersFor - called once per entry; returns a function from the index of a message to its headers
   * @returns `undefined` if the program's own argument must be sent, because there is nothing to add or the library will
   *   refuse it
   */
  withHeaders(headersFor: (entry: TopicMessages) => HeadersByIndex | undefined): Replaced | undefined;
  /**
   * Returns the messages as the library got them, or objects with the same partitions. Needed because the program may
   * change its own messages while the send is pending.
   */
  sent(entry: TopicMessages): readonly unknown[];
  /** True if the last call of `withHeaders` added headers to a message of this entry. */
  hasAddedHeaders(entry: TopicMessages): boolean;
  /**
   * The size of all messages in bytes before compression, with or without the added headers. May differ from the real size by
   * a few bytes per message.
   */
  size(headers: 'with-added' | 'without-added'): number;
  /** Reads from the library's result which partitions were written. `undefined` if the result has an unknown form. */
  written(result: unknown): readonly WrittenPartition[] | undefined;
}

export interface WrittenPartition {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the first message that the send wrote to this partition. */
  readonly baseOffset: number | undefined;
}

export interface ReceivedMessage {
  readonly topic: string;
  readonly partition: number;
  readonly message: unknown;
}

export interface ReceivedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly unknown[];
  /** True if all messages count as processed when the handler returns, even without a call of `resolveOffset`. */
  readonly resolvesAll: boolean;
  /** The library's own batch object, which the program passes to `withMessageSpan`. */
  readonly batch: object;
}

export interface BatchObserver {
  /** Called when the handler has processed all messages up to this offset. Never throws. */
  resolved(offset: number): void;
}

export interface CommittedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** An admin call. `topic` and `group` are set only if the call concerns exactly one topic or group. */
export interface AdminCall {
  readonly method: string;
  readonly topic: string | undefined;
  readonly group: string | undefined;
}

/**
 * Events of a consumer. If a client library does not report one of them, the metrics that need this event are absent. An
 * offset is `NaN` if it is not a safe integer.
 */
export interface ConsumerEvents {
  /** The consumer joined its group, for the first time or after a rebalance. */
  joined(assignment: Assignment): void;
  /** Reports the current assignment. Called for a library that does not report every change immediately. */
  assigned(assignment: Assignment): void;
  heartbeat(): void;
  fetched(topic: string, partition: number, fetch: Fetch): void;
  /** The library learned a new high watermark without a fetch. */
  reachedWatermark(topic: string, partition: number, highWatermark: number): void;
  /** The library has finished a batch. `lastOffset` may belong to a control record, which handlers never get. */
  completed(topic: string, partition: number, lastOffset: number): void;
  /**
   * The consumer seeks to this offset. A negative offset means the end or the beginning of the partition, depending on
   * `fromBeginning` of the subscription.
   */
  sought(topic: string, partition: number, offset: number): void;
  /** The consumer stopped or disconnected. */
  left(): void;
  /** The consumer stopped because of an error. `restarts` is true if the client will restart it. */
  crashed(error: unknown, restarts: boolean): void;
}

export type Assignment = Readonly<Record<string, readonly number[]>>;

/** These values are read whenever metrics are collected, without a request to a broker. */
export interface ConsumerState {
  paused(): PausedPartitions;
  /** Reports values for which the library emits no event. */
  report?(events: ConsumerEvents): void;
}

/** Receives the requests of a client to its brokers, for the option `requestMetrics`. */
export interface RequestEvents {
  /**
   * @param broker - `host:port`
   * @param seconds - duration of the request
   */
  requested(api: string, broker: string, seconds: number): void;
  timedOut(api: string, broker: string): void;
}
