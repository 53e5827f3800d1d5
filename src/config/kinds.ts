import type { namingOf } from '../semconv/names';
import type { KafkaOperation } from '../semconv/operation';
import type { Propagation, TopicPattern, TopicRule } from './options';
import { isUsable, remembering, splitList, splitRules, topicMatcher, valueByTopic } from './topics';

/** What an option accepts: `read` gives `undefined` for anything else. */
export interface Kind<Value> {
  readonly allowed: string;
  read(value: unknown): Value | undefined;
}

export const boolean: Kind<boolean> = {
  allowed: 'true or false',
  read: value => (typeof value === 'boolean' ? value : words({ true: true, false: false }, value)),
};

export function oneOf<const Value extends string>(...values: readonly Value[]): Kind<Value> {
  const table = Object.fromEntries(values.map(value => [value, value]));
  return { allowed: values.join(', '), read: value => words(table, value) };
}

export function hook<Hook>(): Kind<Hook> {
  return {
    allowed: 'a function',
    read: value => (typeof value === 'function' ? (value as Hook) : undefined),
  };
}

/** Words are read in any letter case, as the specification asks of environment variables. */
function words<Value>(table: Readonly<Record<string, Value>>, value: unknown): Value | undefined {
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

export const propagation: Kind<Propagation> = {
  allowed: 'true, inject, extract, false',
  read: value =>
    typeof value === 'boolean'
      ? value
      : words<Propagation>({ true: true, false: false, inject: 'inject', extract: 'extract' }, value),
};

export const consumerContext = oneOf('parent-and-link', 'parent', 'link');

/** `value`, `value,glob=value,…`, or a list of {@link TopicRule}; one wrong part makes the whole of it invalid. */
export function byTopic<Value>(kind: Kind<Value>, fallback: Value): Kind<(topic: string) => Value> {
  const read = (value: unknown): ((topic: string) => Value) | undefined => {
    const single = kind.read(value);
    if (single !== undefined) return valueByTopic(single);
    try {
      if (typeof value === 'string') return fromText(value);
      return Array.isArray(value) ? fromRules(value) : undefined;
    } catch {
      // A pattern that cannot be compiled: an empty one, for instance.
      return undefined;
    }
  };
  const fromText = (text: string) => {
    let otherwise = fallback;
    const rules: TopicRule<Value>[] = [];
    for (const { glob, word } of splitRules(text)) {
      const use = kind.read(word);
      if (use === undefined) return undefined;
      if (glob === undefined) otherwise = use;
      else rules.push({ topics: glob, use });
    }
    return valueByTopic(otherwise, rules);
  };
  const fromRules = (list: readonly unknown[]) => {
    const rules: TopicRule<Value>[] = [];
    for (const rule of list as readonly (Partial<TopicRule<unknown>> | null)[]) {
      const use = kind.read(rule?.use);
      const topics = ([] as unknown[]).concat(rule?.topics);
      if (use === undefined || !topics.every(isPattern)) return undefined;
      rules.push({ topics, use });
    }
    return valueByTopic(fallback, rules);
  };
  return { allowed: `${kind.allowed}, or rules by topic such as "${String(fallback)},ticks-*=…"`, read };
}

const isPattern = (value: unknown): value is TopicPattern =>
  typeof value === 'string' || value instanceof RegExp;

/** Globs in a list, a text with commas, or one pattern. */
export const patterns: Kind<readonly TopicPattern[]> = {
  allowed: 'globs or regular expressions',
  read(value) {
    const list: unknown[] = typeof value === 'string' ? splitList(value) : ([] as unknown[]).concat(value);
    return list.every(isPattern) && list.every(isUsable) ? list : undefined;
  },
};

/** `{ include, exclude }`, or a text where `!` excludes. */
export const topicSelection: Kind<(topic: string) => boolean> = {
  allowed: 'globs such as "orders-*,!orders-test", or { include, exclude }',
  read(value) {
    if (typeof value === 'string') {
      const globs = patterns.read(value) ?? [''];
      const excluded = globs.filter(glob => String(glob).startsWith('!')).map(glob => String(glob).slice(1));
      return selection(
        globs.filter(glob => !String(glob).startsWith('!')),
        excluded,
      );
    }
    if (typeof value !== 'object' || value === null) return undefined;
    const { include = [], exclude = [] } = value as { include?: unknown; exclude?: unknown };
    return selection(include, exclude);
  },
};

function selection(include: unknown, exclude: unknown): ((topic: string) => boolean) | undefined {
  const [included, excluded] = [patterns.read(include), patterns.read(exclude)];
  if (!included || !excluded) return undefined;
  const isIncluded = included.length === 0 ? () => true : topicMatcher(included);
  const isExcluded = topicMatcher(excluded);
  return remembering(topic => isIncluded(topic) && !isExcluded(topic));
}

export const spanNames: Kind<Parameters<typeof namingOf>[0]> = {
  allowed: 'semconv, go-agent, a function',
  read: value =>
    typeof value === 'function'
      ? (value as (operation: KafkaOperation) => unknown)
      : oneOf('semconv', 'go-agent').read(value),
};
