/** A record in an imitated topic. */
export interface StoredRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoredTopic {
  readonly topic: string;
  /** Records of each partition, in the order of their offsets. */
  readonly partitions: readonly (readonly StoredRecord[])[];
}

/** Returns the message that kafkajs would decode from a record. Every fetch returns a new object. */
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
