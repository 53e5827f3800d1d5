/** What an operation is, for filters and span names. */
export interface KafkaOperation {
  readonly kind: 'send' | 'create' | 'process' | 'commit' | 'transaction' | 'admin';
  /** The kind, and for `admin` the method: `createTopics`, for instance. */
  readonly name: string;
  /** `undefined` where the operation is about several topics, or none. */
  readonly topic: string | undefined;
  /** The consumer group, where there is one. */
  readonly group: string | undefined;
  /** How many messages it is about; `undefined` where it is about none. */
  readonly messageCount: number | undefined;
  /** The key and headers of the message, where it is a single one. */
  readonly key?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}
