import type {
  KafkaBatchCustomAttributeFunction,
  KafkaConsumerCustomAttributeFunction,
  KafkaProducerCustomAttributeFunction,
} from './hooks';
import type { KafkaOperation } from '../semconv/operation';
import type { Semconv } from '../semconv/vocabulary';
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';

/** A topic name, a glob (`orders-*`, `{a,b}`), or a regular expression that is tested against the whole name. */
export type TopicPattern = string | RegExp;

/** One line of a list of rules: the first whose pattern matches the topic decides. */
export interface TopicRule<Value> {
  readonly topics: TopicPattern | readonly TopicPattern[];
  readonly use: Value;
}

/**
 * One value for every topic, or rules by topic. As a string (the only form an environment variable has) rules read
 * `default,glob=value,glob=value`, for example `parent-and-link,ticks-*=link`.
 */
export type ByTopic<Value> = Value | readonly TopicRule<Value>[];

/** How a consumer span relates to the span that produced its message. */
export type ConsumerContext = 'parent-and-link' | 'parent' | 'link';

/** Which directions trace headers and baggage travel. */
export type Propagation = boolean | 'inject' | 'extract';

/** Topics chosen by pattern. `exclude` wins over `include`. */
export interface TopicSelection {
  readonly include?: TopicPattern | readonly TopicPattern[];
  readonly exclude?: TopicPattern | readonly TopicPattern[];
}

export interface KafkaJsInstrumentationConfig extends InstrumentationConfig {
  /**
   * Which topics make spans, in both directions. Only spans: their messages still carry the surrounding context, so a trace
   * passes through unbroken, and metrics still count them. As a string: `orders-*,audit` includes, `!clicks-*` excludes.
   *
   * @default all
   * @see OTEL_INSTRUMENTATION_KAFKAJS_TOPICS
   */
  topics?: TopicSelection | (string & {});

  /**
   * The last word on a span: `false` leaves it out, with the same effect as `topics`. Called once per operation whose topic
   * makes spans, so it should be quick. If it throws, that is logged and the span is made.
   *
   * @default none
   */
  filter?: (operation: KafkaOperation) => boolean;

  /**
   * How spans are called.
   *
   * - `'semconv'`: `send orders`, as the messaging conventions say.
   * - `'go-agent'`: `kafka send "orders"` and `kafka receive "orders"`, as Last9's agent for Sarama does.
   * - a function of the operation. Keep its results few: names are what backends group by.
   *
   * @default 'semconv'
   * @see OTEL_INSTRUMENTATION_KAFKAJS_SPAN_NAME
   */
  spanName?: 'semconv' | 'go-agent' | ((operation: KafkaOperation) => string);

  /**
   * Spans of a `send()` or `sendBatch()`.
   *
   * - `'call'`: one `send {topic}` span per call and topic, whose context goes into every message of that topic.
   * - `'message'`: a `create {topic}` span per message too, linked from the send span. Costs a span per message; a call
   *   with more than 128 messages falls back to `'call'`.
   *
   * @default 'call'
   * @see OTEL_INSTRUMENTATION_KAFKAJS_PRODUCER_SPANS
   */
  producerSpans?: 'call' | 'message';

  /**
   * How a consumer span relates to the producer's span.
   *
   * - `'parent-and-link'`: it is the parent, so one trace tells the whole story, and it is linked too.
   * - `'parent'`: the parent only.
   * - `'link'`: the consumer starts a trace of its own and links to the producer's: for topics where one bulk send or a
   *   self-feeding topic would otherwise grow into one giant trace.
   *
   * @default 'parent-and-link'
   * @see OTEL_INSTRUMENTATION_KAFKAJS_CONSUMER_CONTEXT
   */
  consumerContext?: ByTopic<ConsumerContext> | (string & {});

  /**
   * Whether trace headers and baggage are written to (`'inject'`) and read from (`'extract'`) messages; `true` is both.
   * `false` towards strangers; `'inject'` where the sampling flags and baggage of incoming messages are not to be trusted.
   * Costs 68 bytes on the wire per message for `traceparent`, more with baggage.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKAJS_PROPAGATION
   */
  propagation?: ByTopic<Propagation> | (string & {});

  /**
   * What happens to a message that already carries trace headers when it is sent.
   *
   * - `'auto'`: kept, and linked from the send span, if `propagateContext` wrote them, or if they belong to another trace
   *   than the active span's and not to a message that is being handled (outbox rows, replays); else replaced
   *   (forwarding, retry and dead-letter topics, copied HTTP headers). Headers that hold no valid context are replaced.
   * - `'keep'`: kept whenever they are valid.
   * - `'replace'`: always replaced.
   *
   * @default 'auto'
   * @see OTEL_INSTRUMENTATION_KAFKAJS_EXISTING_CONTEXT
   */
  existingContext?: 'auto' | 'keep' | 'replace';

  /**
   * Spans of commits that the application makes: `commitOffsets`, `commitOffsetsIfNecessary` (when it does commit), and a
   * transaction's `sendOffsets`. Commits that kafkajs makes by itself have none.
   *
   * @default 'manual'
   * @see OTEL_INSTRUMENTATION_KAFKAJS_COMMIT_SPANS
   */
  commitSpans?: 'manual' | 'none';

  /**
   * Spans of admin calls.
   *
   * - `'auto'`: calls that change something always; reads only under an active span, so that a health check makes no traces.
   * - `'all'`, `'none'`.
   *
   * @default 'auto'
   * @see OTEL_INSTRUMENTATION_KAFKAJS_ADMIN_SPANS
   */
  adminSpans?: 'auto' | 'all' | 'none';

  /**
   * Whether the message key is recorded on spans and links, cut at 256 characters. Keys that are not UTF-8 text are left
   * out in any case. Switch it off where keys are personal data.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKAJS_CAPTURE_KEY
   */
  captureKey?: boolean;

  /**
   * Record headers that go onto the spans of single messages, as `messaging.header.{name}`, by glob. At most 16 per span, 8
   * values each, cut at 256 characters; values that are not UTF-8 text are left out. The payload never is recorded.
   *
   * @default none
   * @see OTEL_INSTRUMENTATION_KAFKAJS_CAPTURE_HEADERS
   */
  captureHeaders?: TopicPattern | readonly TopicPattern[];

  /**
   * Whether the messages and stack traces of errors are recorded. With `false` only their type is: some errors quote the
   * payload (`JSON.parse` does).
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKAJS_CAPTURE_ERROR_MESSAGES
   */
  captureErrorMessages?: boolean;

  /**
   * The vocabulary of attributes: messaging conventions v1.44 (`messaging.system`, `messaging.kafka.offset`), v1.45
   * (`messaging.system.name`, `kafka.offset`), or both at once. The variable `OTEL_SEMCONV_STABILITY_OPT_IN` may say it too:
   * `messaging` means 1.45, `messaging/dup` both.
   *
   * @default '1.44'
   * @see OTEL_INSTRUMENTATION_KAFKAJS_SEMCONV
   * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/kafka/}
   */
  semconv?: Semconv;

  /**
   * Throughput, durations, lag and health of consumers. Counting costs an addition per message, each duration histogram
   * about a microsecond per call where the SDK has a reader; consumers get one kafkajs listener for each event that is needed.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKAJS_METRICS
   */
  metrics?: boolean;

  /**
   * Durations and timeouts of requests to brokers, by API and broker. Costs an event and a histogram record per request.
   *
   * @default false
   * @see OTEL_INSTRUMENTATION_KAFKAJS_REQUEST_METRICS
   */
  requestMetrics?: boolean;

  /**
   * Called once per recorded send or create span, before its context is written into the messages. What it throws or
   * rejects with is logged and never felt by the program; it is not awaited.
   *
   * @default none
   */
  producerHook?: KafkaProducerCustomAttributeFunction;

  /**
   * Called once per recorded span of one message, that is by `eachMessage` and `withMessageSpan`, before the handler.
   * Errors as for `producerHook`.
   *
   * @default none
   */
  consumerHook?: KafkaConsumerCustomAttributeFunction;

  /**
   * Called once per recorded `eachBatch` span, before the handler. Errors as for `producerHook`.
   *
   * @default none
   */
  batchHook?: KafkaBatchCustomAttributeFunction;
}
