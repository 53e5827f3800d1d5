import picomatch from 'picomatch';
import type { TopicPattern, TopicRule } from './options';

/** Topics remembered per list of rules; beyond that a rule is evaluated again, so memory stays bounded. */
const REMEMBERED_TOPICS = 1000;

/** Whether a topic name matches; globs are compiled once. A `RegExp` may carry state (`g`, `y`), which is reset. */
export function topicMatcher(patterns: TopicPattern | readonly TopicPattern[]): (topic: string) => boolean {
  const list = typeof patterns === 'string' || patterns instanceof RegExp ? [patterns] : patterns;
  const tests = list.map(compile);
  return topic => tests.some(matches => matches(topic));
}

function compile(pattern: TopicPattern): (topic: string) => boolean {
  if (typeof pattern === 'string') return picomatch(pattern, { dot: true, bash: true });
  return topic => {
    pattern.lastIndex = 0;
    return pattern.test(topic);
  };
}

/** The parts of a list written as text: a comma inside the braces of a glob is none between parts. */
export function splitList(text: string): string[] {
  return text.split(/,(?![^{]*\})/).map(part => part.trim());
}

/** Rules written as text, `word,glob=word,…`: what stands behind a pattern, or without one. */
export function splitRules(text: string): { readonly glob: string | undefined; readonly word: string }[] {
  return splitList(text).map(part => {
    const equals = part.lastIndexOf('=');
    return {
      glob: equals < 0 ? undefined : part.slice(0, equals).trim(),
      word: part.slice(equals + 1).trim(),
    };
  });
}

/** Whether a pattern can be compiled at all: an empty glob cannot. */
export function isUsable(pattern: TopicPattern): boolean {
  try {
    compile(pattern);
    return true;
  } catch {
    return false;
  }
}

/** Remembers a function's answers by topic. */
export function remembering<Answer>(answer: (topic: string) => Answer): (topic: string) => Answer {
  const known = new Map<string, Answer>();
  return topic => {
    const remembered = known.get(topic);
    if (remembered !== undefined) return remembered;
    const fresh = answer(topic);
    if (known.size < REMEMBERED_TOPICS) known.set(topic, fresh);
    return fresh;
  };
}

/** The value for each topic: that of the first rule that matches it, else the fallback. */
export function valueByTopic<Value>(
  fallback: Value,
  rules: readonly TopicRule<Value>[] = [],
): (topic: string) => Value {
  if (rules.length === 0) return () => fallback;
  const compiled = rules.map(({ topics, use }) => ({ matches: topicMatcher(topics), use }));
  return remembering(topic => {
    const rule = compiled.find(({ matches }) => matches(topic));
    return rule ? rule.use : fallback;
  });
}
