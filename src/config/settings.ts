import type {
  ConsumerContext,
  KafkaBatchCustomAttributeFunction,
  KafkaConsumerCustomAttributeFunction,
  KafkaJsInstrumentationConfig,
  KafkaProducerCustomAttributeFunction,
  Propagation,
  TopicPattern,
  TopicRule,
} from './options';
import { PREFIX, unknownVariables, variable } from './environment';
import { valueByTopic } from './topics';

/** The options as the rooms read them: validated, complete, compiled. */
export interface Settings {
  readonly producerSpans: 'call' | 'message';
  readonly consumerContext: (topic: string) => ConsumerContext;
  readonly injects: (topic: string) => boolean;
  readonly extracts: (topic: string) => boolean;
  readonly existingContext: 'auto' | 'keep' | 'replace';
  readonly captureKey: boolean;
  readonly captureErrorMessages: boolean;
  readonly producerHook: KafkaProducerCustomAttributeFunction | undefined;
  readonly consumerHook: KafkaConsumerCustomAttributeFunction | undefined;
  readonly batchHook: KafkaBatchCustomAttributeFunction | undefined;
}

/** What an option accepts: `read` gives `undefined` for anything else. */
interface Kind<Value> {
  readonly allowed: string;
  read(value: unknown): Value | undefined;
}

const boolean: Kind<boolean> = {
  allowed: 'true or false',
  read: value => (typeof value === 'boolean' ? value : words({ true: true, false: false }, value)),
};

function oneOf<const Value extends string>(...values: readonly Value[]): Kind<Value> {
  const table = Object.fromEntries(values.map(value => [value, value]));
  return { allowed: values.join(', '), read: value => words(table, value) };
}

function hook<Hook>(): Kind<Hook> {
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

const propagation: Kind<Propagation> = {
  allowed: 'true, inject, extract, false',
  read: value =>
    typeof value === 'boolean'
      ? value
      : words<Propagation>({ true: true, false: false, inject: 'inject', extract: 'extract' }, value),
};

const consumerContext = oneOf('parent-and-link', 'parent', 'link');

/** A comma between rules, not one inside the braces of a glob. */
const COMMA = /,(?![^{]*\})/;

/** `value`, `value,glob=value,…`, or a list of {@link TopicRule}; one wrong part makes the whole of it invalid. */
function byTopic<Value>(kind: Kind<Value>, fallback: Value): Kind<(topic: string) => Value> {
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
    for (const part of text.split(COMMA).map(piece => piece.trim())) {
      const equals = part.lastIndexOf('=');
      const use = kind.read(part.slice(equals + 1).trim());
      if (use === undefined) return undefined;
      if (equals < 0) otherwise = use;
      else rules.push({ topics: part.slice(0, equals).trim(), use });
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

interface Option<Value> {
  readonly kind: Kind<Value>;
  readonly fallback: Value;
  /** Without the prefix; absent where no string can say it. */
  readonly variable?: string;
}

const OPTIONS = {
  producerSpans: { kind: oneOf('call', 'message'), fallback: 'call', variable: 'PRODUCER_SPANS' },
  consumerContext: {
    kind: byTopic<ConsumerContext>(consumerContext, 'parent-and-link'),
    fallback: valueByTopic<ConsumerContext>('parent-and-link'),
    variable: 'CONSUMER_CONTEXT',
  },
  propagation: {
    kind: byTopic<Propagation>(propagation, true),
    fallback: valueByTopic<Propagation>(true),
    variable: 'PROPAGATION',
  },
  existingContext: { kind: oneOf('auto', 'keep', 'replace'), fallback: 'auto', variable: 'EXISTING_CONTEXT' },
  captureKey: { kind: boolean, fallback: true, variable: 'CAPTURE_KEY' },
  captureErrorMessages: { kind: boolean, fallback: true, variable: 'CAPTURE_ERROR_MESSAGES' },
  producerHook: { kind: hook<KafkaProducerCustomAttributeFunction>(), fallback: undefined },
  consumerHook: { kind: hook<KafkaConsumerCustomAttributeFunction>(), fallback: undefined },
  batchHook: { kind: hook<KafkaBatchCustomAttributeFunction>(), fallback: undefined },
} as const satisfies Record<string, Option<unknown>>;

type Value<Name extends keyof typeof OPTIONS> = (typeof OPTIONS)[Name] extends {
  kind: Kind<infer Read>;
  fallback: infer Fallback;
}
  ? Read | Fallback
  : never;

/** Read elsewhere: by the base class's switch and by `register`. */
const OTHER_VARIABLES = ['ENABLED', 'REGISTER', 'ESM_LOADER'];

/**
 * The settings that options and environment give, the options first. A wrong value, or a variable that nothing reads,
 * is reported, and the default holds: a typo must not stop a service.
 */
export function readSettings(
  config: KafkaJsInstrumentationConfig,
  environment: NodeJS.ProcessEnv,
  report: (problem: string) => void,
): Settings {
  const option = <Name extends keyof typeof OPTIONS>(name: Name): Value<Name> => {
    const { kind, fallback, variable: suffix } = OPTIONS[name] as Option<Value<Name>>;
    const text = suffix === undefined ? undefined : variable(environment, PREFIX + suffix);
    const sources: [string, unknown][] = [[`the option ${name}`, config[name]]];
    if (suffix !== undefined) sources.push([PREFIX + suffix, text]);
    for (const [source, given] of sources) {
      if (given === undefined) continue;
      const value = kind.read(given);
      if (value !== undefined) return value;
      report(`${source} is ${shown(given)}, which is not one of: ${kind.allowed}; it is ignored`);
    }
    return fallback;
  };
  const directions = option('propagation');
  const known = Object.values(OPTIONS).flatMap((entry: Option<unknown>) => entry.variable ?? []);
  for (const name of unknownVariables(environment, [...known, ...OTHER_VARIABLES])) {
    report(
      `${name} is not a variable of this instrumentation; there are: ${known.map(each => PREFIX + each).join(', ')}`,
    );
  }
  return {
    producerSpans: option('producerSpans'),
    consumerContext: option('consumerContext'),
    injects: topic => directions(topic) === true || directions(topic) === 'inject',
    extracts: topic => directions(topic) === true || directions(topic) === 'extract',
    existingContext: option('existingContext'),
    captureKey: option('captureKey'),
    captureErrorMessages: option('captureErrorMessages'),
    producerHook: option('producerHook'),
    consumerHook: option('consumerHook'),
    batchHook: option('batchHook'),
  };
}

function shown(value: unknown): string {
  try {
    // Neither has a JSON form.
    if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
    return JSON.stringify(value);
  } catch {
    return typeof value;
  }
}
