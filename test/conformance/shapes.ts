import type { ReceivedSpan } from '../support/otlp';
import { olderName } from './registry';
import { operationOf } from './spans';

/** Operations that have another name in the docs. */
const OPERATION_NAMES: Readonly<Record<string, string>> = { settle: 'commit', admin: '{method}' };

/**
 * Returns the pattern of a span's name in the docs, such as `send {topic}`. Reads only attributes, so the option
 * `spanName` does not matter.
 */
export function patternOf(span: ReceivedSpan): string {
  const operation = operationOf(span);
  const names = new Set(Object.keys(span.attributes).map(olderName));
  const isOfGroup = operation === 'admin' && names.has('messaging.consumer.group.name');
  const about = names.has('messaging.destination.name') ? ' {topic}' : isOfGroup ? ' {group}' : '';
  return `${OPERATION_NAMES[operation] ?? operation}${about}`;
}
