import {
  firstVersion,
  namingOf,
  vocabularyOf,
  type KafkaOperation,
  type Naming,
  type Semconv,
  type Vocabulary,
} from '../semconv/vocabulary';
import { ignoreRejection } from '../support/guard';
import { didYouMean } from '../support/spelling';
import { PREFIX, readList, readVariable, unknownVariables } from './environment';
import {
  boolean,
  byTopic,
  consumerContext,
  hook,
  listOf,
  oneOf,
  patterns,
  propagation,
  semconv,
  spanNames,
  topicSelection,
  type OptionType,
} from './option-types';
import type {
  ClientName,
  ConsumerContext,
  KafkaBatchCustomAttributeFunction,
  KafkaConsumerCustomAttributeFunction,
  KafkaInstrumentationConfig,
  KafkaProducerCustomAttributeFunction,
  Propagation,
} from './options';
import { isOneOf, topicMatcher, valueByTopic } from './topics';

/** The options after validation, with defaults filled in and patterns compiled. */
export interface Settings {
  /** The client libraries to instrument. `undefined` means all. */
  readonly clients: readonly ClientName[] | undefined;
  readonly producerSpans: 'call' | 'message';
  readonly consumerContext: (topic: string) => ConsumerContext;
  readonly injects: (topic: string) => boolean;
  readonly extracts: (topic: string) => boolean;
  readonly existingContext: 'auto' | 'keep' | 'replace';
  /** Returns false for an operation that gets no span. `undefined` if every operation gets a span. */
  readonly makesSpan: ((operation: KafkaOperation) => boolean) | undefined;
  readonly naming: Naming;
  /** True if `filter`, `spanName` or `captureHeaders` needs the key and the headers of single messages. */
  readonly readsMessages: boolean;
  /** Returns true if the header with this name is captured. `undefined` if no header is captured. */
  readonly captureHeaders: ((name: string) => boolean) | undefined;
  readonly commitSpans: 'manual' | 'none';
  readonly adminSpans: 'auto' | 'all' | 'none';
  readonly captureKey: boolean;
  readonly captureSizes: boolean;
  readonly captureErrorMessages: boolean;
  readonly vocabulary: Vocabulary;
  readonly exceptionSignal: 'event' | 'log' | 'both';
  readonly metrics: boolean;
  readonly requestMetrics: boolean;
  readonly producerHook: KafkaProducerCustomAttributeFunction | undefined;
  readonly consumerHook: KafkaConsumerCustomAttributeFunction | undefined;
  readonly batchHook: KafkaBatchCustomAttributeFunction | undefined;
}

interface Option<Value> {
  readonly type: OptionType<Value>;
  readonly fallback: Value;
  /**
   * Name of the environment variable without the prefix. Absent if the value is a function, which a variable cannot contain.
   */
  readonly variable?: string;
}

/** All options, with their types, defaults and environment variables. The tests of the docs read this list too. */
export const OPTIONS = {
  // The base class applies this option. It is listed here only to report a wrong value.
  enabled: { type: boolean, fallback: true, variable: 'ENABLED' },
  clients: { type: listOf<ClientName>('kafkajs', 'confluent'), fallback: undefined, variable: 'CLIENTS' },
  producerSpans: { type: oneOf('call', 'message'), fallback: 'call', variable: 'PRODUCER_SPANS' },
  consumerContext: {
    type: byTopic<ConsumerContext>(consumerContext, 'parent-and-link'),
    fallback: valueByTopic<ConsumerContext>('parent-and-link'),
    variable: 'CONSUMER_CONTEXT',
  },
  propagation: {
    type: byTopic<Propagation>(propagation, true),
    fallback: valueByTopic<Propagation>(true),
    variable: 'PROPAGATION',
  },
  existingContext: { type: oneOf('auto', 'keep', 'replace'), fallback: 'auto', variable: 'EXISTING_CONTEXT' },
  topics: { type: topicSelection, fallback: undefined, variable: 'TOPICS' },
  filter: { type: hook<(operation: KafkaOperation) => boolean>(), fallback: undefined },
  spanName: { type: spanNames, fallback: 'semconv', variable: 'SPAN_NAME' },
  commitSpans: { type: oneOf('manual', 'none'), fallback: 'manual', variable: 'COMMIT_SPANS' },
  adminSpans: { type: oneOf('auto', 'all', 'none'), fallback: 'auto', variable: 'ADMIN_SPANS' },
  captureHeaders: { type: patterns, fallback: undefined, variable: 'CAPTURE_HEADERS' },
  captureKey: { type: boolean, fallback: true, variable: 'CAPTURE_KEY' },
  captureSizes: { type: boolean, fallback: false, variable: 'CAPTURE_SIZES' },
  captureErrorMessages: { type: boolean, fallback: true, variable: 'CAPTURE_ERROR_MESSAGES' },
  semconv: { type: semconv, fallback: undefined, variable: 'SEMCONV' },
  metrics: { type: boolean, fallback: true, variable: 'METRICS' },
  requestMetrics: { type: boolean, fallback: false, variable: 'REQUEST_METRICS' },
  producerHook: { type: hook<KafkaProducerCustomAttributeFunction>(), fallback: undefined },
  consumerHook: { type: hook<KafkaConsumerCustomAttributeFunction>(), fallback: undefined },
  batchHook: { type: hook<KafkaBatchCustomAttributeFunction>(), fallback: undefined },
} as const satisfies Record<string, Option<unknown>>;

type Value<Name extends keyof typeof OPTIONS> = (typeof OPTIONS)[Name] extends {
  type: OptionType<infer Read>;
  fallback: infer Fallback;
}
  ? Read | Fallback
  : never;

/** Variables that only `register` and its sampler read. They have no option in code. */
const OTHER_VARIABLES = ['REGISTER', 'ESM_LOADER', 'SAMPLING'];

/**
 * Reads the options from code and environment. Code wins. A wrong value or an unknown variable is reported and the default is
 * used, because a typing error must not stop a service.
 */
export function readSettings(
  config: KafkaInstrumentationConfig,
  environment: NodeJS.ProcessEnv,
  report: (problem: string) => void,
): Settings {
  const option = <Name extends keyof typeof OPTIONS>(name: Name): Value<Name> => {
    const { type, fallback, variable: suffix } = OPTIONS[name] as Option<Value<Name>>;
    const text = suffix === undefined ? undefined : readVariable(environment, PREFIX + suffix);
    const sources: [string, unknown][] = [[`the option ${name}`, config[name]]];
    if (suffix !== undefined) sources.push([PREFIX + suffix, text]);
    let chosen: Value<Name> | undefined;
    for (const [source, given] of sources) {
      if (given === undefined) continue;
      const value = type.read(given);
      if (value === undefined)
        report(
          `${source} is ${shown(given)}, which is not allowed and is ignored.${wantsText(type, given)} Allowed: ${type.allowed}`,
        );
      chosen ??= value;
    }
    return chosen ?? fallback;
  };
  option('enabled');
  const directions = option('propagation');
  const headers = option('captureHeaders');
  const captureHeaders = headers && headers.length > 0 ? topicMatcher(headers) : undefined;
  const filter = option('filter');
  const spanName = option('spanName');
  const versions = option('semconv') ?? optedIn(environment);
  const known = [
    ...Object.values(OPTIONS).flatMap((entry: Option<unknown>) => entry.variable ?? []),
    ...OTHER_VARIABLES,
  ];
  for (const name of unknownVariables(environment, known)) {
    const hint = didYouMean(name.slice(PREFIX.length), known, PREFIX);
    report(`${name} is not a variable of @org/kafka-otel and is ignored.${hint || ` ${ALL_OPTIONS}`}`);
  }
  for (const name of Object.keys(config)) {
    if (Object.hasOwn(OPTIONS, name)) continue;
    const hint = didYouMean(name, Object.keys(OPTIONS));
    report(`the option ${name} does not exist and is ignored.${hint || ` ${ALL_OPTIONS}`}`);
  }
  return {
    clients: option('clients'),
    producerSpans: option('producerSpans'),
    consumerContext: option('consumerContext'),
    injects: isOneOf(directions, true, 'inject'),
    extracts: isOneOf(directions, true, 'extract'),
    existingContext: option('existingContext'),
    makesSpan: makesSpanOf(option('topics'), filter),
    naming: namingOf(spanName, firstVersion(versions)),
    readsMessages: filter !== undefined || typeof spanName === 'function' || captureHeaders !== undefined,
    captureHeaders,
    commitSpans: option('commitSpans'),
    adminSpans: option('adminSpans'),
    captureKey: option('captureKey'),
    captureSizes: option('captureSizes'),
    captureErrorMessages: option('captureErrorMessages'),
    vocabulary: vocabularyOf(versions),
    exceptionSignal: exceptionSignalOf(environment),
    metrics: option('metrics'),
    requestMetrics: option('requestMetrics'),
    producerHook: option('producerHook'),
    consumerHook: option('consumerHook'),
    batchHook: option('batchHook'),
  };
}

/**
 * An operation gets a span only if the option `topics` selects its topic and `filter` allows it. If an operation has several
 * topics, only `filter` decides.
 */
function makesSpanOf(
  isChosen: ((topic: string) => boolean) | undefined,
  filter: ((operation: KafkaOperation) => boolean) | undefined,
): Settings['makesSpan'] {
  if (!isChosen && !filter) return undefined;
  return operation => {
    if (isChosen && operation.topic !== undefined && !isChosen(operation.topic)) return false;
    const answer = filter ? filter(operation) : true;
    ignoreRejection(answer);
    return answer;
  };
}

function exceptionSignalOf(environment: NodeJS.ProcessEnv): Settings['exceptionSignal'] {
  const tokens = readList(environment, 'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN');
  if (tokens.includes('logs/dup')) return 'both';
  return tokens.includes('logs') ? 'log' : 'event';
}

function optedIn(environment: NodeJS.ProcessEnv): Semconv {
  const tokens = readList(environment, 'OTEL_SEMCONV_STABILITY_OPT_IN');
  if (tokens.includes('messaging/dup')) return '1.44+1.45';
  return tokens.includes('messaging') ? '1.45' : '1.44';
}

const ALL_OPTIONS = 'See docs/configuration.md for the names.';

/** Adds a hint if a number was given instead of a string, for example `semconv: 1.45` instead of `semconv: '1.45'`. */
const wantsText = (type: OptionType<unknown>, given: unknown): string =>
  typeof given === 'number' && type.read(String(given)) !== undefined
    ? ` Write it as a string: "${given}".`
    : '';

function shown(value: unknown): string {
  try {
    // `JSON.stringify` returns `undefined` for a function or a symbol.
    if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
    return JSON.stringify(value);
  } catch {
    return typeof value;
  }
}
