import type { Cluster, Stored } from './addon';

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset?: number | undefined;
}

/** Maximum number of messages in one fetch. */
const MAX_FETCHED = 3;

/** Offsets with a special meaning. */
const BEGINNING = -2;
const END = -1;

const keyOf = ({ topic, partition }: Position): string => `${topic}|${String(partition)}`;

/** The topics of an imitated cluster, as one client sees them. */
export class Broker {
  readonly #topics: Cluster['topics'];
  readonly #lengths = new Map<string, number>();
  readonly #positions = new Map<string, { readonly at: Position; offset: number }>();
  readonly #paused = new Set<string>();
  #stored = new Map<string, Position>();
  #count = 0;

  constructor(topics: Cluster['topics']) {
    this.#topics = topics;
  }

  has(topic: string, partition: number): boolean {
    const partitions = this.#topics[topic];
    // The broker creates unknown topics.
    return partitions === undefined || partition < partitions.length;
  }

  /** Returns where the next message for a partition is written. A negative partition means any partition. */
  append(topic: string, partition: number): { readonly partition: number; readonly offset: number } {
    const count = this.#topics[topic]?.length ?? 1;
    const chosen = partition >= 0 ? partition : this.#count++ % count;
    const key = keyOf({ topic, partition: chosen });
    const offset = this.#lengths.get(key) ?? 40;
    this.#lengths.set(key, offset + 1);
    return { partition: chosen, offset };
  }

  allPartitions(): Position[] {
    return this.partitionsOf(Object.keys(this.#topics));
  }

  partitionsOf(topics: readonly string[]): Position[] {
    return topics.flatMap(topic => (this.#topics[topic] ?? []).map((_, partition) => ({ topic, partition })));
  }

  metadata(): object {
    return {
      orig_broker_id: 1,
      orig_broker_name: 'captured:9092/1',
      brokers: [{ id: 1, host: 'captured', port: 9092 }],
      topics: Object.entries(this.#topics).map(([name, partitions]) => ({
        name,
        partitions: partitions.map((_, id) => ({ id, leader: 1, replicas: [1], isrs: [1] })),
      })),
    };
  }

  described(): object[] {
    const node = { id: 1, host: 'captured', port: 9092 };
    return Object.entries(this.#topics).map(([name, partitions]) => ({
      name,
      topicId: 'id',
      isInternal: false,
      partitions: partitions.map((_, partition) => ({
        partition,
        leader: node,
        isr: [node],
        replicas: [node],
      })),
    }));
  }

  assign(partitions: readonly Position[]): void {
    this.#positions.clear();
    for (const { topic, partition, offset } of partitions)
      this.#positions.set(keyOf({ topic, partition }), {
        at: { topic, partition },
        offset: this.#absolute({ topic, partition, offset }),
      });
  }

  assignment(): Position[] {
    return [...this.#positions.values()].map(({ at }) => ({ ...at }));
  }

  seek(to: Position): void {
    const position = this.#positions.get(keyOf(to));
    if (position) position.offset = this.#absolute(to);
  }

  pause(partitions: readonly Position[]): void {
    for (const each of partitions) this.#paused.add(keyOf(each));
  }

  resume(partitions: readonly Position[]): void {
    for (const each of partitions) this.#paused.delete(keyOf(each));
  }

  store(position: Position): void {
    this.#stored.set(keyOf(position), position);
  }

  takeStored(): Position[] {
    const stored = [...this.#stored.values()];
    this.#stored = new Map();
    return stored;
  }

  hasMore(): boolean {
    return [...this.#positions.values()].some(({ at, offset }) => offset < this.#records(at).length);
  }

  /** Returns messages in the form of the binding. */
  fetch(count: number): object[] {
    const limit = Math.min(count, MAX_FETCHED);
    const messages: object[] = [];
    for (const [key, position] of this.#positions) {
      if (this.#paused.has(key)) continue;
      const records = this.#records(position.at).slice(position.offset, position.offset + limit);
      for (const record of records)
        messages.push(messageOf(record, { ...position.at, offset: position.offset++ }));
    }
    return messages;
  }

  watermarks(topic: string, partition: number): { readonly lowOffset: number; readonly highOffset: number } {
    const records = this.#topics[topic]?.[partition];
    return records ? { lowOffset: 0, highOffset: records.length } : { lowOffset: -1001, highOffset: -1001 };
  }

  #records({ topic, partition }: Position): readonly Stored[] {
    return this.#topics[topic]?.[partition] ?? [];
  }

  #absolute(position: Position): number {
    const { offset = BEGINNING } = position;
    if (offset === END) return this.#records(position).length;
    return offset < 0 ? 0 : offset;
  }
}

function messageOf({ key, value, headers }: Stored, { topic, partition, offset }: Position): object {
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
  return {
    topic,
    partition,
    offset,
    key: bytes(key),
    value: bytes(value),
    size: value?.length ?? 0,
    timestamp: 1_700_000_000_000,
    leaderEpoch: 0,
    ...(headers.length === 0
      ? {}
      : { headers: headers.map(([name, text]) => ({ [name]: Buffer.from(text) })) }),
  };
}
