export { KafkaJsInstrumentation } from './instrumentation';
export type {
  BatchInfo,
  ByTopic,
  ConsumerContext,
  ConsumerInfo,
  KafkaBatchCustomAttributeFunction,
  KafkaConsumerCustomAttributeFunction,
  KafkaJsInstrumentationConfig,
  KafkaProducerCustomAttributeFunction,
  KafkajsMessage,
  MessageInfo,
  ProducerInfo,
  Propagation,
  TopicPattern,
  TopicRule,
} from './config/options';
export { extractContext } from './propagation/extract';
export { propagateContext } from './propagation/inject';
export { withMessageSpan } from './telemetry/message-span';
