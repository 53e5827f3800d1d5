import { ignoreRejection } from '../support/guard';

/** An operation, as filters and span names see it. */
export interface KafkaOperation {
  readonly kind: 'send' | 'create' | 'process' | 'commit' | 'transaction' | 'admin';
  /** The kind; for `admin` the method, such as `createTopics`. */
  readonly name: string;
  /** `undefined` when the operation concerns several topics, or none. */
  readonly topic: string | undefined;
  /** The consumer group, if there is one. */
  readonly group: string | undefined;
  /** `undefined` when the operation is not about messages. */
  readonly messageCount: number | undefined;
  /** Key and headers of the message, for an operation on a single message. */
  readonly key?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** Names of operations and of their spans. */
export interface Naming {
  /** `messaging.operation.name` for an operation's own name. */
  readonly operation: (name: string) => string;
  readonly span: (operation: KafkaOperation) => string;
}

const unchanged = (name: string): string => name;

/** `{operation} {destination}`, as in the messaging conventions; only the operation when there is no destination. */
export const semconvNaming: Naming = {
  operation: unchanged,
  span(operation) {
    const destination = destinationOf(operation);
    return destination === undefined ? operation.name : `${operation.name} ${destination}`;
  },
};

/** Last9's agent for Sarama: `kafka send "orders"`, and `receive` where the conventions say `process`. */
const goAgentOperation = (name: string): string => (name === 'process' ? 'receive' : name);
const goAgentNaming: Naming = {
  operation: goAgentOperation,
  span(operation) {
    const destination = destinationOf(operation);
    const name = `kafka ${goAgentOperation(operation.name)}`;
    return destination === undefined ? name : `${name} "${destination}"`;
  },
};

/** Resolves the option `spanName`. A user's function that returns no name gets the conventional one. */
export function namingOf(
  spanName: 'semconv' | 'go-agent' | ((operation: KafkaOperation) => unknown),
): Naming {
  if (spanName === 'semconv') return semconvNaming;
  if (spanName === 'go-agent') return goAgentNaming;
  return {
    operation: unchanged,
    span(operation) {
      const name = spanName(operation);
      ignoreRejection(name);
      return typeof name === 'string' && name !== '' ? name : semconvNaming.span(operation);
    },
  };
}

/** An admin call may concern a group instead of a topic. */
function destinationOf({ kind, topic, group }: KafkaOperation): string | undefined {
  return topic ?? (kind === 'admin' ? group : undefined);
}
