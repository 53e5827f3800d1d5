import { ignoreRejection } from '../support/guard';

/** An operation, as filters and functions for span names get it. */
export interface KafkaOperation {
  readonly kind: 'send' | 'create' | 'process' | 'commit' | 'transaction' | 'admin';
  /** The same as the kind. For `admin` it is the method, such as `createTopics`. */
  readonly name: string;
  /** `undefined` if the operation concerns several topics, or none. */
  readonly topic: string | undefined;
  /** The consumer group, if there is one. */
  readonly group: string | undefined;
  /** `undefined` if the operation is not about messages. */
  readonly messageCount: number | undefined;
  /** Key and headers of the message, for an operation on a single message. */
  readonly key?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** Names of operations and of their spans. */
export interface Naming {
  /** Converts an operation's own name to the value of `messaging.operation.name`. */
  readonly operation: (name: string) => string;
  readonly span: (operation: KafkaOperation) => string;
  /** The name of the conventions, for a span to which `span` gives no name. Never throws. */
  readonly conventional: (operation: KafkaOperation) => string;
}

const unchanged = (name: string): string => name;

/** `{operation} {destination}`, as in the messaging conventions. Without a destination, only the operation. */
function conventionalName(operation: KafkaOperation): string {
  const destination = destinationOf(operation);
  return destination === undefined ? operation.name : `${operation.name} ${destination}`;
}

/** `{destination} {operation}`, as in v1.24, whose operation is called `publish`. OpenTelemetry's Java agent writes the same. */
function nameIn1_24(operation: KafkaOperation): string {
  const destination = destinationOf(operation);
  const name = operation.kind === 'send' ? 'publish' : operation.name;
  return destination === undefined ? name : `${destination} ${name}`;
}

/** Names as in Last9's agent for Sarama: `kafka send "orders"`, and `receive` instead of `process` of the conventions. */
const goAgentOperation = (name: string): string => (name === 'process' ? 'receive' : name);
function goAgentName(operation: KafkaOperation): string {
  const destination = destinationOf(operation);
  const name = `kafka ${goAgentOperation(operation.name)}`;
  return destination === undefined ? name : `${name} "${destination}"`;
}

/**
 * Resolves the option `spanName`. If a user's function returns no name, the span gets the name of the conventions.
 *
 * @param version - the version of the conventions
 */
export function namingOf(
  spanName: 'semconv' | 'go-agent' | ((operation: KafkaOperation) => unknown),
  version = '1.44',
): Naming {
  const conventional = version === '1.24' ? nameIn1_24 : conventionalName;
  if (spanName === 'semconv') return { operation: unchanged, span: conventional, conventional };
  if (spanName === 'go-agent') return { operation: goAgentOperation, span: goAgentName, conventional };
  return {
    operation: unchanged,
    span(operation) {
      const name = spanName(operation);
      ignoreRejection(name);
      return typeof name === 'string' && name !== '' ? name : conventional(operation);
    },
    conventional,
  };
}

/** The destination of an admin call may be a group instead of a topic. */
function destinationOf({ kind, topic, group }: KafkaOperation): string | undefined {
  return topic ?? (kind === 'admin' ? group : undefined);
}
