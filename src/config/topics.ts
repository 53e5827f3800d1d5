import picomatch from 'picomatch';
import type { TopicPattern, TopicRule } from './options';

/** Topics remembered per list of rules; beyond that a rule is evaluated again, so memory stays bounded. */
const REMEMBERED_TOPICS = 1000;

/** Whether a topic name matches; globs are compiled once. A `RegExp` may carry state (`g`, `y`), which is reset. */
export function topicMatcher(patterns: TopicPattern | readonly TopicPattern[]): (topic: string) => boolean {
  const tests = (typeof patterns === 'string' || patterns instanceof RegExp ? [patterns] : patterns).map(
    pattern => {
      if (typeof pattern === 'string') return picomatch(pattern, { dot: true, bash: true });
      return (topic: string) => {
        pattern.lastIndex = 0;
        return pattern.test(topic);
      };
    },
  );
  return topic => tests.some(matches => matches(topic));
}

/** The value for each topic: that of the first rule that matches it, else the fallback. */
export function valueByTopic<Value>(
  fallback: Value,
  rules: readonly TopicRule<Value>[] = [],
): (topic: string) => Value {
  if (rules.length === 0) return () => fallback;
  const compiled = rules.map(({ topics, use }) => ({ matches: topicMatcher(topics), use }));
  const known = new Map<string, Value>();
  return topic => {
    const remembered = known.get(topic);
    if (remembered !== undefined) return remembered;
    const rule = compiled.find(({ matches }) => matches(topic));
    const value = rule ? rule.use : fallback;
    if (known.size < REMEMBERED_TOPICS) known.set(topic, value);
    return value;
  };
}
