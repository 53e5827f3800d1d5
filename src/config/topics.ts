import picomatch from 'picomatch';
import type { TopicPattern, TopicRule } from './options';

/** At most this many topics are cached. For further topics, the patterns are matched each time. */
const MAX_REMEMBERED = 1000;

/** Returns a function that matches topic names against the patterns. The patterns are compiled only once. */
export function topicMatcher(patterns: TopicPattern | readonly TopicPattern[]): (topic: string) => boolean {
  const list = typeof patterns === 'string' || patterns instanceof RegExp ? [patterns] : patterns;
  const tests = list.map(compile);
  return topic => tests.some(matches => matches(topic));
}

function compile(pattern: TopicPattern): (topic: string) => boolean {
  if (typeof pattern === 'string') return picomatch(pattern, { dot: true, bash: true });
  return topic => {
    // With the flag `g` or `y`, a RegExp would continue after its last match.
    pattern.lastIndex = 0;
    return pattern.test(topic);
  };
}

/** Splits a list at its commas, but not at commas inside the braces of a glob. */
export function splitList(text: string): string[] {
  return text.split(/,(?![^{]*\})/).map(part => part.trim());
}

/** Splits `value,glob=value,…` at the commas. `glob` is `undefined` for a value without a glob. */
export function splitRules(text: string): { readonly glob: string | undefined; readonly value: string }[] {
  return splitList(text).map(part => {
    const equals = part.lastIndexOf('=');
    return {
      glob: equals < 0 ? undefined : part.slice(0, equals).trim(),
      value: part.slice(equals + 1).trim(),
    };
  });
}

export function isValidPattern(pattern: TopicPattern): boolean {
  try {
    compile(pattern);
    return true;
  } catch {
    return false;
  }
}

export function rememberByTopic<Value>(evaluate: (topic: string) => Value): (topic: string) => Value {
  const known = new Map<string, Value>();
  return topic => {
    const remembered = known.get(topic);
    if (remembered !== undefined) return remembered;
    const value = evaluate(topic);
    if (known.size < MAX_REMEMBERED) known.set(topic, value);
    return value;
  };
}

/** The returned function gives the value of the first rule that matches a topic, or else the fallback. */
export function valueByTopic<Value>(
  fallback: Value,
  rules: readonly TopicRule<Value>[] = [],
): (topic: string) => Value {
  if (rules.length === 0) return () => fallback;
  const compiled = rules.map(({ topics, use }) => ({ matches: topicMatcher(topics), use }));
  return rememberByTopic(topic => {
    const rule = compiled.find(({ matches }) => matches(topic));
    return rule ? rule.use : fallback;
  });
}

export function isOneOf<Value>(
  valueOf: (topic: string) => Value,
  ...values: readonly Value[]
): (topic: string) => boolean {
  return topic => values.includes(valueOf(topic));
}
