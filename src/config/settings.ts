import type {
  KafkaBatchCustomAttributeFunction,
  KafkaConsumerCustomAttributeFunction,
  KafkaProducerCustomAttributeFunction,
} from './hooks';
import type { ConsumerContext, KafkaJsInstrumentationConfig, Propagation } from './options';
import { PREFIX, listed, unknownVariables, variable } from './environment';
import type { KafkaOperation } from '../semconv/operation';
import { vocabularyOf, type Semconv, type Vocabulary } from '../semconv/vocabulary';
import { namingOf, type Naming } from '../semconv/names';
import {
  boolean,
  byTopic,
  consumerContext,
  hook,
  oneOf,
  patterns,
  propagation,
  spanNames,
  topicSelection,
  type Kind,
} from './kinds';
import { disown } from '../unawaited';
import { topicMatcher, valueByTopic } from './topics';

/** The options as the rooms read them: validated, complete, compiled. */
export interface Settings {
  readonly producerSpans: 'call' | 'message';
  readonly consumerContext: (topic: string) => ConsumerContext;
  readonly injects: (topic: string) => boolean;
  readonly extracts: (topic: string) => boolean;
  readonly existingContext: 'auto' | 'keep' | 'replace';
  /** Whether an operation makes a span; `undefined` where all do. */
  readonly traces: ((operation: KafkaOperation) => boolean) | undefined;
  readonly naming: Naming;
  /** Which headers are recorded; `undefined` where none is. */
  readonly captureHeaders: ((name: string) => boolean) | undefined;
  readonly commitSpans: 'manual' | 'none';
  readonly adminSpans: 'auto' | 'all' | 'none';
  readonly captureKey: boolean;
  readonly captureErrorMessages: boolean;
  readonly vocabulary: Vocabulary;
  /** Where exceptions are recorded: on the span, in the logs, or both. */
  readonly exceptionSignal: 'event' | 'log' | 'both';
  readonly metrics: boolean;
  readonly requestMetrics: boolean;
  readonly producerHook: KafkaProducerCustomAttributeFunction | undefined;
  readonly consumerHook: KafkaConsumerCustomAttributeFunction | undefined;
  readonly batchHook: KafkaBatchCustomAttributeFunction | undefined;
}

interface Option<Value> {
  readonly kind: Kind<Value>;
  readonly fallback: Value;
  /** Without the prefix; absent where no string can say it. */
  readonly variable?: string;
}

/** Every option: what it accepts, what holds without it, and the variable that says it too. */
export const OPTIONS = {
  // Obeyed by the base class and the kill switch; read here to tell of a wrong value.
  enabled: { kind: boolean, fallback: true, variable: 'ENABLED' },
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
  topics: { kind: topicSelection, fallback: undefined, variable: 'TOPICS' },
  filter: { kind: hook<(operation: KafkaOperation) => boolean>(), fallback: undefined },
  spanName: { kind: spanNames, fallback: 'semconv', variable: 'SPAN_NAME' },
  commitSpans: { kind: oneOf('manual', 'none'), fallback: 'manual', variable: 'COMMIT_SPANS' },
  adminSpans: { kind: oneOf('auto', 'all', 'none'), fallback: 'auto', variable: 'ADMIN_SPANS' },
  captureHeaders: { kind: patterns, fallback: undefined, variable: 'CAPTURE_HEADERS' },
  captureKey: { kind: boolean, fallback: true, variable: 'CAPTURE_KEY' },
  captureErrorMessages: { kind: boolean, fallback: true, variable: 'CAPTURE_ERROR_MESSAGES' },
  semconv: { kind: oneOf('1.44', '1.45', '1.44+1.45'), fallback: undefined, variable: 'SEMCONV' },
  metrics: { kind: boolean, fallback: true, variable: 'METRICS' },
  requestMetrics: { kind: boolean, fallback: false, variable: 'REQUEST_METRICS' },
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

/** Read elsewhere: by `register` and its sampler. */
const OTHER_VARIABLES = ['REGISTER', 'ESM_LOADER', 'SAMPLING'];

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
    let chosen: Value<Name> | undefined;
    for (const [source, given] of sources) {
      if (given === undefined) continue;
      const value = kind.read(given);
      if (value === undefined)
        report(`${source} is ${shown(given)}, which is not one of: ${kind.allowed}; it is ignored`);
      chosen ??= value;
    }
    return chosen ?? fallback;
  };
  option('enabled');
  const directions = option('propagation');
  const headers = option('captureHeaders');
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
    traces: tracesOf(option('topics'), option('filter')),
    naming: namingOf(option('spanName')),
    captureHeaders: headers && headers.length > 0 ? topicMatcher(headers) : undefined,
    commitSpans: option('commitSpans'),
    adminSpans: option('adminSpans'),
    captureKey: option('captureKey'),
    captureErrorMessages: option('captureErrorMessages'),
    vocabulary: vocabularyOf(option('semconv') ?? optedIn(environment)),
    exceptionSignal: exceptionSignalOf(environment),
    metrics: option('metrics'),
    requestMetrics: option('requestMetrics'),
    producerHook: option('producerHook'),
    consumerHook: option('consumerHook'),
    batchHook: option('batchHook'),
  };
}

/** Both must agree to a span; a call about several topics is for the filter alone. */
function tracesOf(
  isChosen: ((topic: string) => boolean) | undefined,
  filter: ((operation: KafkaOperation) => boolean) | undefined,
): Settings['traces'] {
  if (!isChosen && !filter) return undefined;
  return operation => {
    if (isChosen && operation.topic !== undefined && !isChosen(operation.topic)) return false;
    const answer = filter ? filter(operation) : true;
    disown(answer);
    return answer;
  };
}

/** OpenTelemetry's variable for all instrumentations that record exceptions. */
function exceptionSignalOf(environment: NodeJS.ProcessEnv): Settings['exceptionSignal'] {
  const tokens = listed(environment, 'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN');
  if (tokens.includes('logs/dup')) return 'both';
  return tokens.includes('logs') ? 'log' : 'event';
}

/** What OpenTelemetry's own variable asks for, which is about every instrumentation in the process. */
function optedIn(environment: NodeJS.ProcessEnv): Semconv {
  const tokens = listed(environment, 'OTEL_SEMCONV_STABILITY_OPT_IN');
  if (tokens.includes('messaging/dup')) return '1.44+1.45';
  return tokens.includes('messaging') ? '1.45' : '1.44';
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
