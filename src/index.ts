export { KafkaJsInstrumentation } from './instrumentation';
export type {
  BatchInfo,
  ConsumerInfo,
  KafkaBatchCustomAttributeFunction,
  KafkaConsumerCustomAttributeFunction,
  KafkaProducerCustomAttributeFunction,
  KafkajsMessage,
  MessageInfo,
  ProducerInfo,
} from './config/hooks';
export type {
  ByTopic,
  ConsumerContext,
  KafkaJsInstrumentationConfig,
  Propagation,
  TopicPattern,
  TopicRule,
  TopicSelection,
} from './config/options';
export { extractContext } from './propagation/extract';
export { propagateContext } from './propagation/inject';
export type { KafkaOperation } from './semconv/operation';
export type { Semconv } from './semconv/vocabulary';
export { TopicSampler } from './sampling/topic-sampler';
export type { SamplerLike, TopicSamplingResult, TopicSamplingRule } from './sampling/topic-sampler';
export { withMessageSpan } from './telemetry/message-span';
