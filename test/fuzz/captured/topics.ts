/** A record of a captured topic. */
export interface StoredRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoredTopic {
  readonly topic: string;
  /** Records by partition, in offset order. */
  readonly partitions: readonly (readonly StoredRecord[])[];
}

/** The message that kafkajs's decoder would create for a record; new for every fetch. */
export function fetched({ key, value, headers }: StoredRecord, offset: number): object {
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
  return {
    magicByte: 2,
    attributes: 0,
    timestamp: '1700000000000',
    offset: String(offset),
    key: bytes(key),
    value: bytes(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    isControlRecord: false,
    batchContext: { firstOffset: '0', inTransaction: false, isControlBatch: false },
  };
}
