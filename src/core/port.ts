import type { Fetch, PausedPartitions } from '../metrics/partition-lag';
import type { TraceHeaders } from '../propagation/inject';
import type { Headers } from '../propagation/extract';
import type { ClientName } from '../config/options';
import type { Runtime } from '../runtime';

/**
 * The types that connect the client libraries with the core.
 *
 * Each client library has a folder in `src/clients/` that exports one `ClientLibrary`, and a line in `src/clients/index.ts`.
 * The code in that folder wraps the library's methods and translates calls and messages to the types below, but knows nothing
 * about spans. The core creates spans, metrics and headers from these types, but knows nothing about the libraries.
 * `docs/architecture.md` describes how to add a library.
 */

export type { Fetch, Headers, PausedPartitions, TraceHeaders };

/** A supported client library. */
export interface ClientLibrary {
  /** The library's name in the option `clients`. */
  readonly name: ClientName;
  /** The library's name in `OTEL_NODE_DISABLED_INSTRUMENTATIONS` and `OTEL_NODE_ENABLED_INSTRUMENTATIONS`. */
  readonly instrumentationName: string;
  /** The npm package to hook. */
  readonly packageName: string;
  /** Semver ranges of the package. Prereleases are included. */
  readonly supportedVersions: readonly string[];
  /** The methods that are traced, as listed in `docs/clients.md`. */
  readonly tracedMethods: TracedMethods;
  /**
   * A file that the package's entry requires and that exports the same classes. The require hook sees this file in ES module
   * programs too, without a loader. `undefined` if hooking the entry is enough.
   */
  readonly innerFile: string | undefined;
  /**
   * Finds the object to patch in the exports of the package or of its inner file. If the argument is already such an object,
   * it is returned.
   *
   * @returns `undefined` if the exports are those of another module
   */
  findTarget(moduleExports: unknown): object | undefined;
  /** Prepares the patch of one copy of the library. Nothing is patched before `patch()` is called. */
  createPatch(runtime: Runtime, target: object, beforeClient: () => void): LibraryPatch;
}

/** The traced methods by kind of client. A release may lack some of them. */
export interface TracedMethods {
  readonly producer: readonly string[];
  /** Methods of the object that `transaction()` resolves with. */
  readonly transaction: readonly string[];
  readonly consumer: readonly string[];
  /** The handlers of a run config. */
  readonly handlers: readonly string[];
  /** Methods of the payload that a batch handler gets. */
  readonly payload: readonly string[];
  readonly admin: 'all';
}

/** The patch of one copy of a client library. */
export interface LibraryPatch {
  /** Wraps the methods that create clients. Does nothing if they are wrapped already. */
  patch(): void;
  /**
   * Restores the methods that no other code has wrapped since. All others keep our wrapper, which then only passes calls on.
   */
  unpatch(): void;
}

/** The known facts about one producer, consumer or admin client. Unknown values are `undefined`, never guessed. */
export interface ClientInfo {
  readonly messages: MessageReader;
  readonly errors: ErrorReader;
  /** The consumer group. */
  readonly group: string | undefined;
  clientId(): string | undefined;
  clusterId(): string | undefined;
  /** The broker that leads a partition, if the client knows it without a request. */
  leader(topic: string, partition: number): { readonly host: string; readonly port: number } | undefined;
}

/** Reads the messages of one library, sent or received. Never throws for a malformed message. */
export interface MessageReader {
  /**
   * The headers that the library sends. `undefined` if there are none, or if the library would not send headers of this form.
   */
  headers(message: unknown): Headers | undefined;
  /** The headers of a received message. Also accepts an object that wraps the message. */
  receivedHeaders(message: unknown): Headers | undefined;
  /** The key: text, bytes, or anything else that the program passed. */
  key(message: unknown): unknown;
  /** The value: text, bytes, or anything else that the program passed. Null deletes the key in a compacted topic. */
  value(message: unknown): unknown;
  /** The size in bytes that this value has in the topic, before compression. `undefined` for null or if it is not known. */
  valueSize(value: unknown): number | undefined;
  /**
   * The partition that the program or its partitioner chose for a message to send. Negative if that partition does not exist.
   * `NaN` if the value is not a number, which the library refuses.
   */
  partition(message: unknown): number | undefined;
  /** The offset of a received message. `undefined` if it is not a safe integer. */
  offset(message: unknown): number | undefined;
  /** Milliseconds since the epoch. `undefined` if the broker does not know the time. */
  timestamp(message: unknown): number | undefined;
}

/** Reads the errors of one library by their fields, because `instanceof` fails if there are several copies of a package. */
export interface ErrorReader {
  /** True for errors that the library created. The type of any other error is its system code or its class. */
  isLibraryError(error: object): boolean;
  /** The Kafka protocol's name of an error, such as `MESSAGE_TOO_LARGE`. */
  protocolName(error: object): string | undefined;
  /** True if a send that failed with this `error.type` was sent to a broker. False if the library refused the send. */
  wasAttempted(errorType: string): boolean;
}

/** The messages of one topic in a send call. A call may name a topic several times. */
export interface TopicMessages {
  readonly topic: string;
  /** Empty if the program did not pass an array. */
  readonly messages: readonly unknown[];
  /** True if the program did not pass an array. The library will refuse it. */
  readonly isMalformed?: boolean;
}

/** Returns the trace headers to add to the message at this index; `undefined` to add none. */
export type HeadersByIndex = (index: number) => TraceHeaders | undefined;

/**
 * A send call. Each property of the program's request has been read only once.
 *
 * `Replaced` is the form in which the library's code takes the added headers.
 */
export interface SendRequest<Replaced = unknown> {
  readonly topics: readonly TopicMessages[];
  /** True for a call without topics. The library resolves it immediately, without a request to a broker. */
  readonly isEmpty: boolean;
  /** False if the broker sends no acknowledgement (`acks: 0`). The result then names no partitions. */
  readonly isAcknowledged: boolean;
  /**
   * The request with trace headers added to copies of its messages.
   *
   * @param headersFor - called once per entry; returns a function from the index of a message to its headers
   * @returns `undefined` if the program's own request must be sent, because there is nothing to add or the library will
   *   refuse it
   */
  withHeaders(headersFor: (entry: TopicMessages) => HeadersByIndex | undefined): Replaced | undefined;
  /**
   * The messages that were passed to the library, or objects with the same partitions. The program may have changed its own messages
   * since.
   */
  sent(entry: TopicMessages): readonly unknown[];
  /** True if messages of this entry carry headers that the last call of `withHeaders` added. */
  hasAddedHeaders(entry: TopicMessages): boolean;
  /**
   * The size of all messages in bytes before compression, with or without the added headers. Exact to a few bytes per
   * message.
   */
  size(headers: 'with-added' | 'without-added'): number;
  /** Reads the written partitions from the library's result. `undefined` if the form of the result is not known. */
  written(result: unknown): readonly WrittenPartition[] | undefined;
}

/** One partition that a send wrote to. */
export interface WrittenPartition {
  readonly topic: string;
  readonly partition: number;
  /** The offset of its first message. */
  readonly baseOffset: number | undefined;
}

/** A message that goes to a handler. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly partition: number;
  readonly message: unknown;
}

/** A batch that goes to a handler. */
export interface ReceivedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly unknown[];
  /** True if all offsets of the batch count as processed once the handler returns. */
  readonly resolvesAll: boolean;
  /** The library's own batch object. The program passes it to `withMessageSpan`. */
  readonly batch: object;
}

/** Receives the reports of a batch handler while it runs. */
export interface BatchObserver {
  /** Called when the messages up to this offset are processed. Never throws. */
  resolved(offset: number): void;
}

/** A partition whose offset is committed. */
export interface CommittedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** An admin call: its method, and its topic or group if there is exactly one. */
export interface AdminCall {
  readonly method: string;
  readonly topic: string | undefined;
  readonly group: string | undefined;
}

/**
 * What a client library reports about a consumer. If a library does not have one of these events, the metrics that need it
 * are absent. Offsets are numbers, or `NaN` if they are not safe integers.
 */
export interface ConsumerEvents {
  /** The consumer joined its group with this assignment, for the first time or after a rebalance. */
  joined(assignment: Assignment): void;
  /** The current assignment. For a library that does not report every change immediately. */
  assigned(assignment: Assignment): void;
  /** The broker answered a heartbeat. */
  heartbeat(): void;
  /** Messages of a partition were fetched and are passed to the handler. */
  fetched(topic: string, partition: number, fetch: Fetch): void;
  /** The library has reported the end of a partition without a fetch. */
  reachedWatermark(topic: string, partition: number, highWatermark: number): void;
  /** The library has finished a batch. The last offset may be that of a control record. */
  completed(topic: string, partition: number, lastOffset: number): void;
  /**
   * The program chose another offset. A negative offset means the end or the beginning of the partition, depending on
   * `fromBeginning` of the subscription.
   */
  sought(topic: string, partition: number, offset: number): void;
  /** The consumer stopped or disconnected. */
  left(): void;
  /** The consumer stopped because of an error. `restarts` is true if the client will restart it. */
  crashed(error: unknown, restarts: boolean): void;
}

/** Partitions by topic. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

/** Values of a consumer that are read when metrics are collected, without a request to a broker. */
export interface ConsumerState {
  paused(): PausedPartitions;
  /** Reports values that the library knows but does not announce with an event. */
  report?(events: ConsumerEvents): void;
}

/** Reports the requests of a client to its brokers, for the option `requestMetrics`. */
export interface RequestEvents {
  /**
   * @param broker - `host:port`
   * @param seconds - duration of the request
   */
  requested(api: string, broker: string, seconds: number): void;
  timedOut(api: string, broker: string): void;
}
