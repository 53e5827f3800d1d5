import type { Span } from '@opentelemetry/api';

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
  /** Every message that the span stands for; `message` is the first of them. */
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

/** @see KafkaJsInstrumentationConfig.producerHook */
export type KafkaProducerCustomAttributeFunction<T = KafkajsMessage> = (
  span: Span,
  info: ProducerInfo<T>,
) => void;

/** @see KafkaJsInstrumentationConfig.consumerHook */
export type KafkaConsumerCustomAttributeFunction<T = KafkajsMessage> = (
  span: Span,
  info: ConsumerInfo<T>,
) => void;

/** @see KafkaJsInstrumentationConfig.batchHook */
export type KafkaBatchCustomAttributeFunction<T = KafkajsMessage> = (span: Span, info: BatchInfo<T>) => void;
