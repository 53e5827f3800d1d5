import type { ReceivedSpan } from '../support/otlp';
import { olderName } from './registry';
import { operationOf } from './spans';

/** Documented names of operations whose name differs from their type. */
const OPERATION_NAMES: Readonly<Record<string, string>> = { settle: 'commit', admin: '{method}' };

/** The documented name pattern of a span, such as `send {topic}`. Derived from its attributes, so it does not depend on `spanName`. */
export function patternOf(span: ReceivedSpan): string {
  const operation = operationOf(span);
  const names = new Set(Object.keys(span.attributes).map(olderName));
  const isOfGroup = operation === 'admin' && names.has('messaging.consumer.group.name');
  const about = names.has('messaging.destination.name') ? ' {topic}' : isOfGroup ? ' {group}' : '';
  return `${OPERATION_NAMES[operation] ?? operation}${about}`;
}
