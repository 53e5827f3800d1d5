import { isObject } from '../support/copies';
import { readSemconv, type KafkaOperation, type namingOf, type Semconv } from '../semconv/vocabulary';
import type { Propagation, TopicPattern, TopicRule } from './options';
import { isValidPattern, rememberByTopic, splitList, splitRules, topicMatcher, valueByTopic } from './topics';

/** Reads and checks the value of an option. A value from an environment variable is always a string. */
export interface OptionType<Value> {
  /** The allowed values in words, for the message about a wrong value. */
  readonly allowed: string;
  read(value: unknown): Value | undefined;
}

export const boolean: OptionType<boolean> = {
  allowed: 'true or false',
  read: value => (typeof value === 'boolean' ? value : words({ true: true, false: false }, value)),
};

export function oneOf<const Value extends string>(...values: readonly Value[]): OptionType<Value> {
  const table = Object.fromEntries(values.map(value => [value, value]));
  return { allowed: values.join(', '), read: value => words(table, value) };
}

/** Accepts an array of words, or one string with words separated by commas. */
export function listOf<const Value extends string>(
  ...values: readonly Value[]
): OptionType<readonly Value[]> {
  const word = oneOf(...values);
  return {
    allowed: word.allowed,
    read(value) {
      const items: unknown[] = typeof value === 'string' ? splitList(value) : ([] as unknown[]).concat(value);
      const words = items.map(item => word.read(item));
      return words.includes(undefined) ? undefined : words.filter(each => each !== undefined);
    },
  };
}

export function hook<Hook>(): OptionType<Hook> {
  return {
    allowed: 'a function',
    read: value => (typeof value === 'function' ? (value as Hook) : undefined),
  };
}

/** Ignores upper and lower case, as OpenTelemetry's specification requires for environment variables. */
function words<Value>(table: Readonly<Record<string, Value>>, value: unknown): Value | undefined {
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

export const propagation: OptionType<Propagation> = {
  allowed: 'true, inject, extract, false',
  read: value =>
    typeof value === 'boolean'
      ? value
      : words<Propagation>({ true: true, false: false, inject: 'inject', extract: 'extract' }, value),
};

/** Accepts a version of the messaging conventions, or several versions joined by `+`. */
export const semconv: OptionType<Semconv> = {
  allowed: '1.24, 1.44, 1.45, or several joined by +',
  read: value => (typeof value === 'string' ? readSemconv(value) : undefined),
};

export const consumerContext = oneOf('parent-and-link', 'parent', 'link');

/**
 * Accepts a single value, a string `value,glob=value,…`, or an array of {@link TopicRule}. If one part is wrong, the whole
 * value is invalid.
 */
export function byTopic<Value>(
  type: OptionType<Value>,
  fallback: Value,
): OptionType<(topic: string) => Value> {
  const read = (value: unknown): ((topic: string) => Value) | undefined => {
    const single = type.read(value);
    if (single !== undefined) return valueByTopic(single);
    try {
      if (typeof value === 'string') return fromText(value);
      return Array.isArray(value) ? fromRules(value) : undefined;
    } catch {
      // The pattern is invalid, for example because it is empty.
      return undefined;
    }
  };
  const fromText = (text: string) => {
    let otherwise = fallback;
    const rules: TopicRule<Value>[] = [];
    for (const { glob, value } of splitRules(text)) {
      const use = type.read(value);
      if (use === undefined) return undefined;
      if (glob === undefined) otherwise = use;
      else rules.push({ topics: glob, use });
    }
    return valueByTopic(otherwise, rules);
  };
  const fromRules = (list: readonly unknown[]) => {
    const rules: TopicRule<Value>[] = [];
    for (const rule of list as readonly (Partial<TopicRule<unknown>> | null)[]) {
      const use = type.read(rule?.use);
      const topics = ([] as unknown[]).concat(rule?.topics);
      if (use === undefined || !topics.every(isPattern)) return undefined;
      rules.push({ topics, use });
    }
    return valueByTopic(fallback, rules);
  };
  return { allowed: `${type.allowed}, or rules by topic such as "${String(fallback)},ticks-*=…"`, read };
}

const isPattern = (value: unknown): value is TopicPattern =>
  typeof value === 'string' || value instanceof RegExp;

/** Accepts one pattern, an array of patterns, or one string with patterns separated by commas. */
export const patterns: OptionType<readonly TopicPattern[]> = {
  allowed: 'globs or regular expressions',
  read(value) {
    const list: unknown[] = typeof value === 'string' ? splitList(value) : ([] as unknown[]).concat(value);
    return list.every(isPattern) && list.every(isValidPattern) ? list : undefined;
  },
};

/** Accepts `{ include, exclude }`, or a string of globs in which `!` excludes topics. */
export const topicSelection: OptionType<(topic: string) => boolean> = {
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
    if (!isObject(value)) return undefined;
    const { include = [], exclude = [] } = value as { include?: unknown; exclude?: unknown };
    return selection(include, exclude);
  },
};

function selection(include: unknown, exclude: unknown): ((topic: string) => boolean) | undefined {
  const [included, excluded] = [patterns.read(include), patterns.read(exclude)];
  if (!included || !excluded) return undefined;
  const isIncluded = included.length === 0 ? () => true : topicMatcher(included);
  const isExcluded = topicMatcher(excluded);
  return rememberByTopic(topic => isIncluded(topic) && !isExcluded(topic));
}

export const spanNames: OptionType<Parameters<typeof namingOf>[0]> = {
  allowed: 'semconv, go-agent, a function',
  read: value =>
    typeof value === 'function'
      ? (value as (operation: KafkaOperation) => unknown)
      : oneOf('semconv', 'go-agent').read(value),
};
