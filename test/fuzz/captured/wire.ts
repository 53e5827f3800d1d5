import { gunzipSync } from 'node:zlib';

/** A record of a produce request. The headers are a list, which keeps their order and duplicates. */
export interface WireRecord {
  /** `topic/partition`. */
  readonly topicPartition: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[];
}

/** A decoded produce request. */
export interface Wire {
  /** All fields outside the records. */
  readonly settings: readonly unknown[];
  readonly records: readonly WireRecord[];
}

/**
 * Thrown if sizes in a request are inconsistent. kafkajs writes such requests for typed arrays other than Buffer.
 * Brokers reject them.
 */
class Malformed extends Error {}

/** Reads Kafka's binary format. Throws if bytes are left at the end. */
class Reader {
  #position = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int(size: 1 | 2 | 4): number {
    return this.#take(size).readIntBE(0, size);
  }

  long(): bigint {
    return this.#take(8).readBigInt64BE();
  }

  varint(): bigint {
    let [value, shift, byte] = [0n, 0n, 0x80];
    while (byte & 0x80) {
      byte = this.#take(1).readUInt8();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
    }
    return (value >> 1n) ^ -(value & 1n);
  }

  bytes(length: number): Buffer | null {
    return length < 0 ? null : this.#take(length);
  }

  nested(length: number): Reader {
    return new Reader(this.#take(length));
  }

  rest(): Buffer {
    return this.#take(this.#bytes.length - this.#position);
  }

  list<Item>(length: number, read: () => Item): Item[] {
    if (length > this.#bytes.length) throw new Malformed();
    return Array.from({ length: Math.max(length, 0) }, read);
  }

  end(): void {
    if (this.#position !== this.#bytes.length) throw new Malformed();
  }

  #take(length: number): Buffer {
    const end = this.#position + length;
    if (length < 0 || end > this.#bytes.length) throw new Malformed();
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }
}

const text = (reader: Reader): string => reader.bytes(reader.int(2))?.toString() ?? '';

/** Decodes a produce request, except for its record batches. */
export function readPartitions(request: Buffer) {
  const reader = new Reader(request);
  const head = [text(reader), reader.int(2), reader.int(4)];
  const topics = reader.list(reader.int(4), () => ({
    topic: text(reader),
    partitions: reader.list(reader.int(4), () => ({
      partition: reader.int(4),
      batch: reader.bytes(reader.int(4)) ?? Buffer.alloc(0),
    })),
  }));
  return { head, topics };
}

/** @returns `undefined` if no broker could decode the request */
export function readWire(request: Buffer): Wire | undefined {
  const { head, topics } = readPartitions(request);
  const settings: unknown[] = [head];
  const records: WireRecord[] = [];
  try {
    for (const { topic, partitions } of topics) {
      for (const { partition, batch } of partitions) {
        const topicPartition = `${topic}/${partition}`;
        const read = readBatch(topicPartition, batch);
        settings.push([topicPartition, ...read.settings]);
        records.push(...read.records);
      }
    }
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
  return { settings, records };
}

function readBatch(topicPartition: string, batch: Buffer): Wire {
  const reader = new Reader(batch);
  reader.long();
  const body = reader.nested(reader.int(4));
  reader.end();
  body.int(4);
  body.int(1);
  body.int(4);
  const attributes = body.int(2);
  const lastOffset = body.int(4);
  const first = body.long();
  const settings = [attributes, lastOffset, first, body.long(), body.long(), body.int(2), body.int(4)].map(
    String,
  );
  const count = body.int(4);
  const content = body.rest();
  const each = new Reader(attributes & 1 ? gunzipSync(content) : content);
  const records = each.list(count, () =>
    readRecord(topicPartition, first, each.nested(Number(each.varint()))),
  );
  each.end();
  return { settings, records };
}

function readRecord(topicPartition: string, first: bigint, reader: Reader): WireRecord {
  const sized = () => reader.bytes(Number(reader.varint()));
  reader.int(1);
  const timestamp = String(first + reader.varint());
  reader.varint();
  const key = sized();
  const value = sized();
  const headers = reader.list(Number(reader.varint()), () => [sized()?.toString() ?? '', sized()] as const);
  reader.end();
  return { topicPartition, timestamp, key, value, headers };
}
