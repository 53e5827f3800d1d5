import { AsyncResource } from 'node:async_hooks';
import type { WireRecord } from '../captured/wire';
import { Broker } from './broker';
import { bytesOf, headersOf, keyOf, sizeOf, textOf } from './native-values';

/** The exports of librdkafka's native binding. */
export interface Addon {
  readonly err2str: (code: number) => string;
}

/** A record of an imitated topic, in the form that the binding returns to consumers. */
export interface Stored {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string])[];
}

/** Result of a call of the binding: success, an immediate error, or an error that is reported later. */
export type Reply = 'answer' | { readonly refused: number } | { readonly failed: number };

/** The imitated Kafka of one program. */
export interface Cluster {
  /** The records of each partition of each topic. */
  readonly topics: Readonly<Record<string, readonly (readonly Stored[])[]>>;
  /** Results of the next calls of a method of the binding. Further calls succeed. */
  readonly replies: Readonly<Partial<Record<string, Reply[]>>>;
  /** Called with each message that the binding would send to a broker. */
  readonly produced: (record: WireRecord) => void;
  /** Called for all other calls of the binding. */
  readonly called: (method: string, ...args: unknown[]) => void;
  /** Called when a consumer has no more messages to fetch, or has fetched too often. */
  readonly drained: () => void;
}

type Callback = (error: unknown, ...results: unknown[]) => void;

interface Callbacks {
  readonly global?: Partial<Record<'rebalance_cb' | 'offset_commit_cb', Callback>>;
  readonly event?: Partial<Record<'delivery_cb' | 'queue_non_empty_cb', Callback>>;
}

/** Callbacks run without the context of their caller, because the real binding calls back from its own threads. */
const outside = new AsyncResource('captured binding');
const later = (callback: () => void): void => {
  outside.runInAsyncScope(() => setImmediate(callback));
};

/** librdkafka's limit for the size of a message. */
const MAX_SIZE = 1_000_000;

/** Error codes of librdkafka. */
const CODES = { tooLarge: 10, state: -172, unknownPartition: -190, notConfigured: -145, noOffset: -168 };
const EVENTS = { assign: -175, revoke: -174 };

/** A binding without a network. It checks its arguments like the real binding, and answers from an imitated cluster. */
export function capturedAddon(real: Addon, captured: { readonly cluster?: Cluster }): object {
  const errorOf = (code: number) => ({ code, message: real.err2str(code), origin: 'kafka' });

  class Connection {
    protected readonly cluster: Cluster;
    protected readonly broker: Broker;
    protected callbacks: Callbacks = {};
    protected isConnected = false;

    constructor(protected readonly config: Readonly<Record<string, unknown>>) {
      if (!captured.cluster) throw new Error('No cluster is captured');
      this.cluster = captured.cluster;
      this.broker = new Broker(this.cluster.topics);
      for (const [name, value] of Object.entries(config))
        if (!['string', 'number', 'boolean', 'function', 'undefined'].includes(typeof value))
          throw new Error(`Invalid value for configuration property "${name}"`);
    }

    configureCallbacks(_isOn: boolean, callbacks: Callbacks): void {
      this.callbacks = callbacks;
    }

    connect(callback?: Callback): number {
      this.isConnected = true;
      if (callback) this.answer('connect', callback, { name: 'captured#1' });
      return 0;
    }

    disconnect(callback?: Callback): number {
      this.isConnected = false;
      if (callback) later(() => { callback(null); }); // prettier-ignore
      return 0;
    }

    name(): string {
      return 'captured#1';
    }

    getMetadata(_options: unknown, callback: Callback): void {
      this.answer('getMetadata', callback, this.broker.metadata());
    }

    protected reply(method: string): Reply {
      return this.cluster.replies[method]?.shift() ?? 'answer';
    }

    /** Calls back in a later turn, with the planned error or with these results. */
    protected answer(method: string, callback: Callback, ...results: unknown[]): void {
      const reply = this.reply(method);
      later(() => {
        if (reply === 'answer') callback(null, ...results);
        else callback(errorOf('failed' in reply ? reply.failed : reply.refused));
      });
    }
  }

  class Producer extends Connection {
    #inTransaction = false;
    #pending = 0;
    readonly #flushing: (() => void)[] = [];

    setPollInBackground(): void {
      // The imitated binding always delivers reports without polling.
    }

    poll(): void {
      // The imitated binding always delivers reports without polling.
    }

    /**
     * Imitates `Producer::NodeProduce`. For some wrong arguments, the real function throws but still writes the
     * message.
     */
    produce(...args: unknown[]): number {
      const [topic, partition, value, key, timestamp, opaque, headers] = args;
      const number = typeof partition === 'number' || typeof partition === 'string' ? Number(partition) : -1;
      const content = value === null ? null : bytesOf(value);
      if (content === undefined) throw new Error('Message must be a buffer or null');
      const bytes = keyOf(key);
      if (timestamp !== undefined && timestamp !== null && typeof timestamp !== 'number')
        throw new Error('Timestamp must be a number');
      const { accepted, isRefused } = headersOf(headers);
      const refusal = this.#refusal(String(topic), number, sizeOf(bytes, content, accepted));
      if (refusal === undefined) {
        const at = this.broker.append(String(topic), number);
        this.cluster.produced({
          topicPartition: `${String(topic)}/${at.partition}`,
          timestamp: textOf(timestamp),
          key: bytes,
          value: content,
          headers: accepted,
        });
        this.#report(opaque, { topic, ...at, key: bytes, timestamp, size: content?.length ?? 0 });
      }
      if (isRefused) throw new Error('Header value must be a string or buffer');
      return refusal ?? 0;
    }

    #refusal(topic: string, partition: number, size: number): number | undefined {
      if (size > MAX_SIZE) return CODES.tooLarge;
      if (!this.broker.has(topic, partition)) return CODES.unknownPartition;
      if ('transactional.id' in this.config && !this.#inTransaction) return CODES.state;
      const [next] = this.cluster.replies['produce'] ?? [];
      if (next === undefined || next === 'answer' || 'failed' in next) return undefined;
      this.reply('produce');
      return next.refused;
    }

    #report(opaque: unknown, report: object): void {
      this.#pending++;
      this.answer('produce', (error, done) => {
        this.callbacks.event?.delivery_cb?.(error, { ...report, ...(done as object | undefined), opaque });
        if (--this.#pending === 0) for (const flushed of this.#flushing.splice(0)) flushed();
      });
    }

    flush(_timeout: unknown, callback: Callback): void {
      const flushed = () => {
        this.answer('flush', callback);
      };
      if (this.#pending === 0) flushed();
      else this.#flushing.push(flushed);
    }

    initTransactions(_timeout: unknown, callback: Callback): void {
      this.answer('initTransactions', callback);
    }

    beginTransaction(callback: Callback): void {
      if (!('transactional.id' in this.config)) {
        later(() => { callback(errorOf(CODES.notConfigured)); }); // prettier-ignore
        return;
      }
      this.answer('beginTransaction', error => {
        if (!error) this.#inTransaction = true;
        callback(error);
      });
    }

    commitTransaction(_timeout: unknown, callback: Callback): void {
      this.#end('commitTransaction', callback);
    }

    abortTransaction(_timeout: unknown, callback: Callback): void {
      this.#end('abortTransaction', callback);
    }

    #end(method: string, callback: Callback): void {
      this.cluster.called(method);
      this.answer(method, error => {
        if (!error) this.#inTransaction = false;
        callback(error);
      });
    }

    sendOffsetsToTransaction(
      offsets: unknown,
      consumer: unknown,
      _timeout: unknown,
      callback: Callback,
    ): void {
      this.cluster.called('sendOffsetsToTransaction', offsets, consumer instanceof KafkaConsumer);
      this.answer('sendOffsetsToTransaction', callback);
    }
  }

  /** Ends a program after this many fetches: a paused or seeking consumer might never finish. */
  const MAX_FETCHES = 40;

  class KafkaConsumer extends Connection {
    #topics: readonly string[] = [];
    #fetches = 0;

    subscribe(topics: readonly string[]): number {
      this.#topics = topics;
      return 0;
    }

    unsubscribe(): number {
      return 0;
    }

    override disconnect(callback: Callback): number {
      later(() => {
        const assignment = this.broker.assignment();
        if (assignment.length > 0) this.callbacks.global?.rebalance_cb?.(errorOf(EVENTS.revoke), assignment);
        super.disconnect(callback);
      });
      return 0;
    }

    consume(_timeout: unknown, count: number, _isForFirst: unknown, callback: Callback): void {
      later(() => {
        const isNew = this.broker.assignment().length === 0;
        if (isNew) {
          const found = this.broker.partitionsOf(this.#topics);
          if (found.length > 0) this.callbacks.global?.rebalance_cb?.(errorOf(EVENTS.assign), found);
        }
        const messages = this.broker.fetch(count);
        later(() => {
          const reply = this.reply('consume');
          callback(reply === 'answer' ? null : errorOf(CODES.state), messages, []);
          if ((messages.length === 0 && !isNew) || ++this.#fetches > MAX_FETCHES) this.cluster.drained();
        });
      });
    }

    #notEmpty(): void {
      later(() => {
        if (this.broker.hasMore()) this.callbacks.event?.queue_non_empty_cb?.(undefined);
      });
    }

    assign(partitions: Parameters<Broker['assign']>[0]): void {
      this.cluster.called('assign', partitions);
      this.broker.assign(partitions);
    }

    unassign(): void {
      this.cluster.called('unassign');
      this.broker.assign([]);
    }

    incrementalAssign(partitions: Parameters<Broker['assign']>[0]): void {
      this.assign(partitions);
    }

    incrementalUnassign(): void {
      this.unassign();
    }

    assignments(): unknown {
      return this.isConnected ? this.broker.assignment() : CODES.state;
    }

    assignmentLost(): boolean {
      return false;
    }

    rebalanceProtocol(): string {
      return this.broker.assignment().length === 0 ? 'NONE' : 'EAGER';
    }

    seek(to: Parameters<Broker['seek']>[0], _timeout: unknown, callback: Callback): void {
      this.cluster.called('seek', { ...to });
      this.broker.seek(to);
      this.answer('seek', callback);
      this.#notEmpty();
    }

    pause(partitions: Parameters<Broker['pause']>[0]): number {
      this.cluster.called('pause', partitions);
      this.broker.pause(partitions);
      return 0;
    }

    resume(partitions: Parameters<Broker['resume']>[0]): number {
      this.cluster.called('resume', partitions);
      this.broker.resume(partitions);
      this.#notEmpty();
      return 0;
    }

    commitCb(given: unknown, callback: Callback): void {
      this.cluster.called('commit', given);
      const stored = this.broker.takeStored();
      const reply = this.reply('commit');
      later(() => {
        callback(typeof reply === 'object' && 'refused' in reply ? errorOf(reply.refused) : null);
        const committed = Array.isArray(given) ? given : stored;
        const error = typeof reply === 'object' ? errorOf(Object.values(reply)[0] as number) : undefined;
        const found = committed.length === 0 ? errorOf(CODES.noOffset) : error;
        this.callbacks.global?.offset_commit_cb?.(found, committed);
      });
    }

    offsetsStoreSingle(topic: string, partition: number, offset: number, leaderEpoch: unknown): number {
      this.cluster.called('store', topic, partition, offset, leaderEpoch);
      this.broker.store({ topic, partition, offset });
      return 0;
    }

    committed(partitions: unknown, _timeout: unknown, callback: Callback): void {
      this.answer('committed', callback, partitions);
    }

    getWatermarkOffsets(topic: unknown, partition: unknown): unknown {
      if (typeof partition !== 'number') throw new Error('2nd parameter must be a partition number');
      return this.broker.watermarks(String(topic), partition);
    }
  }

  class AdminClient extends Connection {
    createTopic(...args: unknown[]): void {
      this.#operate('createTopic', args);
    }

    deleteTopic(...args: unknown[]): void {
      this.#operate('deleteTopic', args);
    }

    listGroups(...args: unknown[]): void {
      this.#operate('listGroups', args, { groups: [], errors: [] });
    }

    describeGroups(...args: unknown[]): void {
      this.#operate('describeGroups', args, { groups: [] });
    }

    deleteGroups(...args: unknown[]): void {
      this.#operate('deleteGroups', args, [{ groupId: 'group', errorCode: 0 }]);
    }

    listConsumerGroupOffsets(...args: unknown[]): void {
      const partitions = this.broker.allPartitions().map(each => ({ ...each, offset: 3 }));
      this.#operate('listConsumerGroupOffsets', args, [{ groupId: 'group', partitions }]);
    }

    deleteRecords(...args: unknown[]): void {
      this.#operate('deleteRecords', args, [{ topic: 'orders', partition: 0, lowWatermark: 1 }]);
    }

    describeTopics(...args: unknown[]): void {
      this.#operate('describeTopics', args, this.broker.described());
    }

    listOffsets(...args: unknown[]): void {
      this.#operate(
        'listOffsets',
        args,
        this.broker.allPartitions().map(each => ({ ...each, offset: 5, leaderEpoch: 0 })),
      );
    }

    #operate(method: string, args: unknown[], ...results: unknown[]): void {
      this.cluster.called(method, ...args.slice(0, -1));
      this.answer(method, args.at(-1) as Callback, ...results);
    }
  }

  return { ...real, Producer, KafkaConsumer, AdminClient };
}
