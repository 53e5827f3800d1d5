import type { Span } from '@opentelemetry/api';
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import type { KafkaOperation, Semconv } from '../semconv/vocabulary';

/** A topic name, a glob (`orders-*`, `{a,b}`), or a regular expression that is tested against the topic name. */
export type TopicPattern = string | RegExp;

/** Sets the value `use` for the topics that match. If several rules match a topic, the first one wins. */
export interface TopicRule<Value> {
  readonly topics: TopicPattern | readonly TopicPattern[];
  readonly use: Value;
}

/**
 * One value for all topics, or a list of rules. In an environment variable, the rules are text:
 * `default,glob=value,glob=value`, for example `parent-and-link,ticks-*=link`.
 */
export type ByTopic<Value> = Value | readonly TopicRule<Value>[];

/** How the span of a received message relates to the producer's span. */
export type ConsumerContext = 'parent-and-link' | 'parent' | 'link';

/** Whether trace headers and baggage are written (`'inject'`), read (`'extract'`), both (`true`) or neither (`false`). */
export type Propagation = boolean | 'inject' | 'extract';

/** Selects topics by pattern. `exclude` wins over `include`. */
export interface TopicSelection {
  readonly include?: TopicPattern | readonly TopicPattern[];
  readonly exclude?: TopicPattern | readonly TopicPattern[];
}

/** A supported client library: `kafkajs`, or the promise API of `@confluentinc/kafka-javascript`. */
export type ClientName = 'kafkajs' | 'confluent';

export interface KafkaInstrumentationConfig extends InstrumentationConfig {
  /**
   * The client libraries to instrument. A change by `setConfig` applies only to clients that are created afterwards.
   *
   * @default all
   * @see OTEL_INSTRUMENTATION_KAFKA_CLIENTS
   */
  clients?: readonly ClientName[] | (string & {});

  /**
   * Selects the topics for which producers and consumers create spans. Messages of other topics still carry the active trace
   * context, so traces stay connected, and metrics still count these messages. A string contains globs: `orders-*,audit`
   * includes topics, and `!clicks-*` excludes topics.
   *
   * @default all
   * @see OTEL_INSTRUMENTATION_KAFKA_TOPICS
   */
  topics?: TopicSelection | (string & {});

  /**
   * Decides whether an operation gets a span. Returning `false` has the same effect as excluding the topic with `topics`.
   * Called once per operation on a selected topic, so it must be fast. If it throws, the error is logged and the span is
   * created.
   *
   * @default none
   */
  filter?: (operation: KafkaOperation) => boolean;

  /**
   * How spans are named.
   *
   * - `'semconv'`: `send orders`, the messaging conventions.
   * - `'go-agent'`: `kafka send "orders"` and `kafka receive "orders"`, the names of Last9's agent for Sarama.
   * - a function that gets the operation and returns the name. There must be only few distinct names, because backends group
   *   spans by name.
   *
   * @default 'semconv'
   * @see OTEL_INSTRUMENTATION_KAFKA_SPAN_NAME
   */
  spanName?: 'semconv' | 'go-agent' | ((operation: KafkaOperation) => string);

  /**
   * Which spans `send()` and `sendBatch()` create.
   *
   * - `'call'`: one `send {topic}` span per call and topic. Every message of that topic carries the context of this span.
   * - `'message'`: in addition, a `create {topic}` span per message. The send span links to the create spans. Costs one span
   *   per message. A call with more than 128 messages is handled as with `'call'`.
   *
   * @default 'call'
   * @see OTEL_INSTRUMENTATION_KAFKA_PRODUCER_SPANS
   */
  producerSpans?: 'call' | 'message';

  /**
   * How a consumer span relates to the producer's span.
   *
   * - `'parent-and-link'`: the producer's span is the parent, and there is also a link to it. Producer and consumer share one
   *   trace.
   * - `'parent'`: the producer's span is the parent, without a link.
   * - `'link'`: the consumer starts its own trace and links to the producer's span. Use it for topics where one bulk send, or
   *   a handler that sends to its own topic, would create one giant trace.
   *
   * @default 'parent-and-link'
   * @see OTEL_INSTRUMENTATION_KAFKA_CONSUMER_CONTEXT
   */
  consumerContext?: ByTopic<ConsumerContext> | (string & {});

  /**
   * Whether trace headers and baggage are written to messages (`'inject'`), read from them (`'extract'`), or both (`true`).
   * Use `false` for topics shared with third parties. Use `'inject'` if you do not trust the sampling flags and baggage of
   * incoming messages. `traceparent` adds 68 bytes to each message. Baggage adds more.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKA_PROPAGATION
   */
  propagation?: ByTopic<Propagation> | (string & {});

  /**
   * What to do with trace headers that a message already has when it is sent. Headers without a valid context are
   * always replaced.
   *
   * - `'auto'`: keeps headers that `propagateContext` wrote. Also keeps headers that belong neither to the active trace
   *   nor to a message that is being handled, such as those of an outbox row or a replay. The send span then links to
   *   the kept context. Replaces all other headers, for example if a message is forwarded, if it is sent to a retry or
   *   dead-letter topic, or if its headers were copied from an HTTP request.
   * - `'keep'`: keeps valid headers.
   * - `'replace'`: always replaces headers.
   *
   * @default 'auto'
   * @see OTEL_INSTRUMENTATION_KAFKA_EXISTING_CONTEXT
   */
  existingContext?: 'auto' | 'keep' | 'replace';

  /**
   * Spans of commits. With `'manual'`, these calls of the application get a span: `commitOffsets`, `sendOffsets` of a
   * transaction, and `commitOffsetsIfNecessary` if it commits something. Automatic commits of the client never get a span.
   *
   * @default 'manual'
   * @see OTEL_INSTRUMENTATION_KAFKA_COMMIT_SPANS
   */
  commitSpans?: 'manual' | 'none';

  /**
   * Spans of admin calls.
   *
   * - `'auto'`: calls that change something always get a span. Read-only calls get one only if there is an active span, so a
   *   health check creates no traces.
   * - `'all'`: all calls.
   * - `'none'`: no calls.
   *
   * @default 'auto'
   * @see OTEL_INSTRUMENTATION_KAFKA_ADMIN_SPANS
   */
  adminSpans?: 'auto' | 'all' | 'none';

  /**
   * Whether message keys are recorded on spans and links, up to 256 characters. Keys that are not UTF-8 text are never
   * recorded. Switch this option off if keys are personal data.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKA_CAPTURE_KEY
   */
  captureKey?: boolean;

  /**
   * Globs that select record headers by name. The headers are recorded as `messaging.header.{name}` on spans of single
   * messages. The limits are 16 headers per span, 8 values per header and 256 characters per value. Values that are not UTF-8
   * text are left out. The payload is never recorded.
   *
   * @default none
   * @see OTEL_INSTRUMENTATION_KAFKA_CAPTURE_HEADERS
   */
  captureHeaders?: TopicPattern | readonly TopicPattern[];

  /**
   * Whether the size of the value is recorded as `messaging.message.body.size` on spans of single messages, in bytes before
   * compression. Not recorded if the value is null. Cost: a string value is read completely to count its bytes.
   *
   * @default false
   * @see OTEL_INSTRUMENTATION_KAFKA_CAPTURE_SIZES
   */
  captureSizes?: boolean;

  /**
   * Whether messages and stack traces of errors are recorded. With `false`, only the type of an error is recorded. Some errors
   * quote the payload, for example those of `JSON.parse`.
   *
   * @default true
   * @see OTEL_INSTRUMENTATION_KAFKA_CAPTURE_ERROR_MESSAGES
   */
  captureErrorMessages?: boolean;

  /**
   * The version of the messaging conventions, which decides the attribute names.
   *
   * - `'1.24'`: `messaging.operation`, `messaging.kafka.message.offset`
   * - `'1.44'`: `messaging.system`, `messaging.kafka.offset`
   * - `'1.45'`: `messaging.system.name`, `kafka.offset`
   * - several versions, such as `'1.24+1.44'`: a span has the attributes of all of them. Its name follows the first
   *   version
   *
   * Spans are named `send orders`, or `orders publish` with 1.24. Metrics never have the names of 1.24. The variable
   * `OTEL_SEMCONV_STABILITY_OPT_IN` can set this option too: `messaging` means 1.45, and `messaging/dup` means
   * `1.44+1.45`.
   *
   * @default '1.44'
   * @see OTEL_INSTRUMENTATION_KAFKA_SEMCONV
   * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/kafka/}
   */
  semconv?: Semconv;

  /**
   * Metrics of throughput, durations, lag and consumer health. Cost, if the SDK has a metric reader: one addition per message
   * for counts, and about a microsecond per call for durations.
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
   * Errors are treated as in `producerHook`.
   *
   * @default none
   */
  consumerHook?: KafkaConsumerCustomAttributeFunction;

  /**
   * Called once per recorded `eachBatch` span, before the handler. Errors are treated as in `producerHook`.
   *
   * @default none
   */
  batchHook?: KafkaBatchCustomAttributeFunction;
}

/** A message as producers send it and consumers receive it. */
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
