import picomatch from 'picomatch';
import type { TopicPattern, TopicRule } from './options';

/** Each list of rules caches its results for this many topics. For further topics, the rules are evaluated each time. */
const MAX_REMEMBERED = 1000;

/** Compiles patterns once and matches topic names against them. */
export function topicMatcher(patterns: TopicPattern | readonly TopicPattern[]): (topic: string) => boolean {
  const list = typeof patterns === 'string' || patterns instanceof RegExp ? [patterns] : patterns;
  const tests = list.map(compile);
  return topic => tests.some(matches => matches(topic));
}

function compile(pattern: TopicPattern): (topic: string) => boolean {
  if (typeof pattern === 'string') return picomatch(pattern, { dot: true, bash: true });
  return topic => {
    // A RegExp with the flag `g` or `y` would start after its last match.
    pattern.lastIndex = 0;
    return pattern.test(topic);
  };
}

/** Splits a list at its commas. Commas inside the braces of a glob do not count. */
export function splitList(text: string): string[] {
  return text.split(/,(?![^{]*\})/).map(part => part.trim());
}

/** Splits rules in the form `value,glob=value,…`. A value without a glob has `glob: undefined`. */
export function splitRules(text: string): { readonly glob: string | undefined; readonly value: string }[] {
  return splitList(text).map(part => {
    const equals = part.lastIndexOf('=');
    return {
      glob: equals < 0 ? undefined : part.slice(0, equals).trim(),
      value: part.slice(equals + 1).trim(),
    };
  });
}

/** False for a pattern that cannot be compiled, such as an empty glob. */
export function isValidPattern(pattern: TopicPattern): boolean {
  try {
    compile(pattern);
    return true;
  } catch {
    return false;
  }
}

/** Caches the results of a function by topic. */
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

/** The value for a topic: the value of the first rule that matches, or else the fallback. */
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

/** Creates a function that is true for topics for which `valueOf` returns one of these values. */
export function isOneOf<Value>(
  valueOf: (topic: string) => Value,
  ...values: readonly Value[]
): (topic: string) => boolean {
  return topic => values.includes(valueOf(topic));
}
