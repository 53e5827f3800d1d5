export {
  KafkaInstrumentation,
  // The class name of the official @opentelemetry/instrumentation-kafkajs. With it, this package is a drop-in replacement.
  KafkaInstrumentation as KafkaJsInstrumentation,
} from './instrumentation';
export type {
  BatchInfo,
  ByTopic,
  ClientName,
  ConsumerContext,
  ConsumerInfo,
  KafkaBatchCustomAttributeFunction,
  KafkaConsumerCustomAttributeFunction,
  KafkaInstrumentationConfig,
  KafkaInstrumentationConfig as KafkaJsInstrumentationConfig,
  KafkaProducerCustomAttributeFunction,
  KafkajsMessage,
  MessageInfo,
  ProducerInfo,
  Propagation,
  TopicPattern,
  TopicRule,
  TopicSelection,
} from './config/options';
export { eventContextExtractor, eventLinks } from './core/lambda-event';
export { withMessageSpan } from './core/message-span';
export { extractContext } from './propagation/extract';
export { propagateContext } from './propagation/inject';
export { TopicSampler } from './sampling/topic-sampler';
export type { SamplerLike, TopicSamplingResult, TopicSamplingRule } from './sampling/topic-sampler';
export type { KafkaOperation, Semconv } from './semconv/vocabulary';
