import { once, EventEmitter } from 'node:events';
import type { Admin, Consumer, Producer } from 'kafkajs';
import { known } from '../../support/known-topics.cjs';
import type { Copy } from '../captured/copy';
import type { WireRecord } from '../captured/wire';

/**
 * Maximum time until a written record is read, in milliseconds. An open transaction hides all later records of its
 * topic until the transaction times out, after a minute.
 */
const DEADLINE = 90_000;

/**
 * Reads the records of topics with an uninstrumented client. After each program, sends a marker record, which shows
 * where the records of the program end.
 */
export class Reader {
  readonly #admin: Admin;
  readonly #producer: Producer;
  readonly #consumer: Consumer;
  readonly #topics: readonly string[];
  readonly #group: string;
  readonly #arrived = new EventEmitter();
  readonly #records = new Map<string, WireRecord[]>();
  readonly #marker: string;
  #markers = 0;

  constructor(copy: Copy, brokers: readonly string[], topics: readonly string[], id: string) {
    keepHeaders(copy);
    const { Kafka, logLevel } = copy.kafkajs;
    const kafka = new Kafka({ brokers: [...brokers], clientId: 'reader', logLevel: logLevel.NOTHING });
    this.#topics = topics;
    this.#group = `reader-${id}`;
    this.#marker = `marker ${id} `;
    this.#admin = kafka.admin();
    this.#producer = kafka.producer();
    this.#consumer = kafka.consumer({ groupId: this.#group, maxWaitTimeInMs: 100 });
  }

  async open(): Promise<void> {
    await Promise.all([this.#admin.connect(), this.#producer.connect(), this.#consumer.connect()]);
    // Keep old records and do not start new segments, because programs send timestamps of the year 1970.
    const configEntries = [
      { name: 'retention.ms', value: '-1' },
      { name: 'segment.ms', value: String(2n ** 63n - 1n) },
    ];
    await this.#admin.createTopics({
      topics: this.#topics.map(topic => ({ topic, numPartitions: 1, configEntries })),
      waitForLeaders: false,
    });
    await known(this.#admin, [...this.#topics]);
    await this.#consumer.subscribe({ topics: [...this.#topics], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatch: ({ batch: { topic, messages } }) => {
        for (const message of messages) this.#take(topic, message);
        return Promise.resolve();
      },
    });
  }

  /** Returns the end offset of a topic, which also counts records that consumers do not receive. */
  async length(topic: string): Promise<number> {
    const [partition] = await this.#admin.fetchTopicOffsets(topic);
    return Number(partition?.high);
  }

  /**
   * Returns the records of each topic since the last call.
   *
   * @throws Error if the records do not arrive in time
   */
  async records(): Promise<readonly (readonly WireRecord[])[]> {
    const key = `${this.#marker}${++this.#markers}`;
    const signal = AbortSignal.timeout(DEADLINE);
    const read = this.#topics.map(
      async topic => (await once(this.#arrived, `${topic} ${key}`, { signal }))[0] as readonly WireRecord[],
    );
    const messages = [{ key, value: null }];
    await Promise.all([
      this.#producer.sendBatch({ topicMessages: this.#topics.map(topic => ({ topic, messages })) }),
      ...read,
    ]);
    return Promise.all(read);
  }

  async close(): Promise<void> {
    await Promise.all([this.#consumer.disconnect(), this.#producer.disconnect()]);
    await this.#admin.deleteTopics({ topics: [...this.#topics] });
    await this.#admin.deleteGroups([this.#group]);
    await this.#admin.disconnect();
  }

  #take(topic: string, { key, value, timestamp, headers }: ReadMessage): void {
    const name = key?.toString() ?? '';
    const records = this.#records.get(topic) ?? [];
    if (name.startsWith(this.#marker)) {
      this.#records.set(topic, []);
      this.#arrived.emit(`${topic} ${name}`, records);
      return;
    }
    this.#records.set(topic, records);
    const listed = headers as unknown as HeaderList;
    records.push({
      topicPartition: '',
      timestamp,
      key,
      value,
      headers: listed.map(header => [header.key, header.value] as const),
    });
  }
}

type ReadMessage = Parameters<
  NonNullable<NonNullable<Parameters<Consumer['run']>[0]>['eachBatch']>
>[0]['batch']['messages'][number];

type HeaderList = readonly { readonly key: string; readonly value: Buffer | null }[];

/** kafkajs decodes headers into an object and loses their order. This function makes it keep a list. */
function keepHeaders({ internals }: Copy): void {
  const prototype = internals.Decoder.prototype as unknown as {
    readVarIntArray: (read: unknown) => unknown[];
  };
  const { readVarIntArray } = prototype;
  prototype.readVarIntArray = function (read) {
    const list = readVarIntArray.call(this, read);
    return Object.assign(list, { reduce: () => list });
  };
}
