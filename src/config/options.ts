import type { Span } from '@opentelemetry/api';
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import type { KafkaOperation } from '../semconv/names';
import type { Semconv } from '../semconv/vocabulary';

/** A topic name, a glob (`orders-*`, `{a,b}`), or a regular expression to test against the name. */
export type TopicPattern = string | RegExp;

/** A rule in a list. The first rule whose pattern matches the topic decides. */
export interface TopicRule<Value> {
  readonly topics: TopicPattern | readonly TopicPattern[];
  readonly use: Value;
}

/**
 * One value for every topic, or rules by topic. As a string (the only form an environment variable has) rules read
 * `default,glob=value,glob=value`, for example `parent-and-link,ticks-*=link`.
 */
export type ByTopic<Value> = Value | readonly TopicRule<Value>[];

/** How a consumer span relates to the span that sent its message. */
export type ConsumerContext = 'parent-and-link' | 'parent' | 'link';

/** In which directions trace headers and baggage travel. */
export type Propagation = boolean | 'inject' | 'extract';

/** Topics chosen by pattern. `exclude` wins over `include`. */
export interface TopicSelection {
  readonly include?: TopicPattern | readonly TopicPattern[];
  readonly exclude?: TopicPattern | readonly TopicPattern[];
}

/** A supported client library: `kafkajs`, or the promise API of `@confluentinc/kafka-javascript`. */
export type ClientName = 'kafkajs' | 'confluent';

export interface KafkaInstrumentationConfig extends InstrumentationConfig {
  /**
   * The client libraries to instrument. A change by `setConfig` applies to clients that are created afterwards.
   *
   * @default all
   * @see OTEL_INSTRUMENTATION_KAFKA_CLIENTS
   */
  clients?: readonly ClientName[] | (string & {});

  /**
   * Topics that make spans, for producers and consumers. Messages of other topics still carry the surrounding context, so
   * traces stay connected, and metrics still count them. As a string: `orders-*,audit` includes, `!clicks-*` excludes.
   *
   * @default all
   * @see OTEL_INSTRUMENTATION_KAFKA_TOPICS
   */
  topics?: TopicSelection | (string & {});

  /**
   * Decides about a single span: `false` leaves it out, with the same effect as `topics`. Called once per operation whose
   * topic makes spans, so keep it fast. If it throws, the error is logged and the span is made.
   *
   * @default none
   */
  filter?: (operation: KafkaOperation) => boolean;

  /**
   * Names of spans.
   *
   * - `'semconv'`: `send orders`, the messaging conventions.
   * - `'go-agent'`: `kafka send "orders"` and `kafka receive "orders"`, as Last9's agent for Sarama.
   * - a function of the operation. Return few distinct names: backends group spans by name.
   *
   * @default 'semconv'
   * @see OTEL_INSTRUMENTATION_KAFKA_SPAN_NAME
   */
  spanName?: 'semconv' | 'go-agent' | ((operation: KafkaOperation) => string);

  /**
   * Spans of a `send()` or `sendBatch()`.
   *
   * - `'call'`: one `send {topic}` span per call and topic. Its context goes into every message of that topic.
   * - `'message'`: also a `create {topic}` span per message, linked from the send span. Costs a span per message. A call
   *   with more than 128 messages is handled as with `'call'`.
   *
   * @default 'call'
   * @see OTEL_INSTRUMENTATION_KAFKA_PRODUCER_SPANS
   */
  producerSpans?: 'call' | 'message';

  /**
   * How a consumer span relates to the producer's span.
   *
   * - `'parent-and-link'`: the producer's span is the parent and is linked too. Producer and consumer share one trace.
   * - `'parent'`: the parent only.
   * - `'link'`: the consumer starts its own trace and links to the producer's span. For topics where one bulk send, or a
   *   handler that feeds its own topic, would make one giant trace.
   *
   * @default 'parent-and-link'
   * @see OTEL_INSTRUMENTATION_KAFKA_CONSUMER_CONTEXT
   */
  consumerContext?: ByTopic<ConsumerContext> | (string & {});

  /**
   * Whether trace headers and baggage are written to messages (`'inject'`), read from them (`'extract'`), or both (`true`).
   * Use `false` for topics shared with third parties, and `'inject'` if you do not trust the sampling flags and baggage of
   * incoming messages. `traceparent` adds 68 bytes per message on the wire, baggage more.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKA_PROPAGATION
   */
  propagation?: ByTopic<Propagation> | (string & {});

  /**
   * What to do with trace headers that a message already has when it is sent.
   *
   * - `'auto'`: keep them, and link to them from the send span, if `propagateContext` wrote them, or if they belong neither
   *   to the active trace nor to a message that is being handled (outbox rows, replays). Else replace them (forwarding,
   *   retry and dead-letter topics, copied HTTP headers). Headers without a valid context are replaced.
   * - `'keep'`: keep them if they are valid.
   * - `'replace'`: always replace them.
   *
   * @default 'auto'
   * @see OTEL_INSTRUMENTATION_KAFKA_EXISTING_CONTEXT
   */
  existingContext?: 'auto' | 'keep' | 'replace';

  /**
   * Spans of commits that the application makes: `commitOffsets`, `commitOffsetsIfNecessary` if it commits, and
   * `sendOffsets` of a transaction. Automatic commits of the client have no span.
   *
   * @default 'manual'
   * @see OTEL_INSTRUMENTATION_KAFKA_COMMIT_SPANS
   */
  commitSpans?: 'manual' | 'none';

  /**
   * Spans of admin calls.
   *
   * - `'auto'`: all calls that change something, and reads under an active span. A health check makes no traces.
   * - `'all'`, `'none'`.
   *
   * @default 'auto'
   * @see OTEL_INSTRUMENTATION_KAFKA_ADMIN_SPANS
   */
  adminSpans?: 'auto' | 'all' | 'none';

  /**
   * Whether message keys are recorded on spans and links, up to 256 characters. Keys that are not UTF-8 text are never
   * recorded. Switch it off if keys are personal data.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKA_CAPTURE_KEY
   */
  captureKey?: boolean;

  /**
   * Record headers to capture as `messaging.header.{name}` on spans of single messages, by glob. At most 16 headers per
   * span, 8 values each, 256 characters each. Values that are not UTF-8 text are left out. The payload is never recorded.
   *
   * @default none
   * @see OTEL_INSTRUMENTATION_KAFKA_CAPTURE_HEADERS
   */
  captureHeaders?: TopicPattern | readonly TopicPattern[];

  /**
   * Whether messages and stack traces of errors are recorded. With `false` only the type of an error is. Some errors quote
   * the payload, for example those of `JSON.parse`.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKA_CAPTURE_ERROR_MESSAGES
   */
  captureErrorMessages?: boolean;

  /**
   * Version of the messaging conventions for attribute names: 1.44 (`messaging.system`, `messaging.kafka.offset`), 1.45
   * (`messaging.system.name`, `kafka.offset`), or both. `OTEL_SEMCONV_STABILITY_OPT_IN` can set it too: `messaging` means
   * 1.45, `messaging/dup` both.
   *
   * @default '1.44'
   * @see OTEL_INSTRUMENTATION_KAFKA_SEMCONV
   * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/kafka/}
   */
  semconv?: Semconv;

  /**
   * Metrics of throughput, durations, lag and consumer health. A count costs an addition per message, a duration about a
   * microsecond per call if the SDK has a metric reader.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKA_METRICS
   */
  metrics?: boolean;

  /**
   * Metrics of requests to brokers: duration and timeouts, by API and broker. Costs one event and one histogram record per
   * request.
   *
   * @default false
   * @see OTEL_INSTRUMENTATION_KAFKA_REQUEST_METRICS
   */
  requestMetrics?: boolean;

  /**
   * Called once per recorded send or create span, before headers are written. It is not awaited. Its errors and rejections
   * are logged and do not reach the program.
   *
   * @default none
   */
  producerHook?: KafkaProducerCustomAttributeFunction;

  /**
   * Called once per recorded span of a single received message (`eachMessage`, `withMessageSpan`), before the handler.
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

/** A message as producers pass it and consumers receive it. */
export interface KafkajsMessage {
  key?: Buffer | string | null;
  value: Buffer | string | null;
  partition?: number;
  headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
  timestamp?: string;
}

export interface MessageInfo<T = KafkajsMessage> {
  readonly topic: string;
  readonly message: T;
}

export interface ProducerInfo<T = KafkajsMessage> extends MessageInfo<T> {
  /** All messages that the span covers. `message` is the first of them. */
  readonly messages: readonly T[];
}

export interface ConsumerInfo<T = KafkajsMessage> extends MessageInfo<T> {
  readonly partition: number;
}

export interface BatchInfo<T = KafkajsMessage> {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly T[];
}

/** @see KafkaInstrumentationConfig.producerHook */
export type KafkaProducerCustomAttributeFunction<T = KafkajsMessage> = (
  span: Span,
  info: ProducerInfo<T>,
) => void;

/** @see KafkaInstrumentationConfig.consumerHook */
export type KafkaConsumerCustomAttributeFunction<T = KafkajsMessage> = (
  span: Span,
  info: ConsumerInfo<T>,
) => void;

/** @see KafkaInstrumentationConfig.batchHook */
export type KafkaBatchCustomAttributeFunction<T = KafkajsMessage> = (span: Span, info: BatchInfo<T>) => void;
