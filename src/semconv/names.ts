import type { KafkaOperation } from './operation';

/** How operations and their spans are called. */
export interface Naming {
  /** `messaging.operation.name`, of the operation's own name. */
  readonly operation: (name: string) => string;
  readonly span: (operation: KafkaOperation) => string;
}

const itself = (name: string): string => name;

/** `{operation} {destination}`, the span name of the messaging conventions; without a destination just the operation. */
export const conventional: Naming = {
  operation: itself,
  span(operation) {
    const destination = destinationOf(operation);
    return destination === undefined ? operation.name : `${operation.name} ${destination}`;
  },
};

/** What Last9's agent for Sarama documents: `kafka send "orders"`, and `receive` for what is handled. */
const receive = (name: string): string => (name === 'process' ? 'receive' : name);
const goAgent: Naming = {
  operation: receive,
  span(operation) {
    const destination = destinationOf(operation);
    const name = `kafka ${receive(operation.name)}`;
    return destination === undefined ? name : `${name} "${destination}"`;
  },
};

/** The preset of that name, or the program's own function; where that gives no name, the conventional one holds. */
export function namingOf(
  spanName: 'semconv' | 'go-agent' | ((operation: KafkaOperation) => unknown),
): Naming {
  if (spanName === 'semconv') return conventional;
  if (spanName === 'go-agent') return goAgent;
  return {
    operation: itself,
    span(operation) {
      const name = spanName(operation);
      return typeof name === 'string' && name !== '' ? name : conventional.span(operation);
    },
  };
}

/** An admin call may be about a group instead of a topic. */
function destinationOf({ kind, topic, group }: KafkaOperation): string | undefined {
  return topic ?? (kind === 'admin' ? group : undefined);
}
