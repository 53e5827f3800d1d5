import type { ReceivedSpan } from '../support/otlp';
import { olderName } from './registry';
import { operationOf } from './spans';

/** How the reference calls operations that are not called as their type is. */
const CALLED: Readonly<Record<string, string>> = { settle: 'commit', admin: '{method}' };

/**
 * What a span is called in the reference, by what it is about: `send {topic}`. A test of its own holds its real name to its
 * attributes, so this is the same under every `spanName`.
 */
export function patternOf(span: ReceivedSpan): string {
  const operation = operationOf(span);
  const names = new Set(Object.keys(span.attributes).map(olderName));
  const isOfGroup = operation === 'admin' && names.has('messaging.consumer.group.name');
  const about = names.has('messaging.destination.name') ? ' {topic}' : isOfGroup ? ' {group}' : '';
  return `${CALLED[operation] ?? operation}${about}`;
}
