/** The types of Confluent's client that code examples use. The package itself is not installed in this repository. */
import type * as kafkajs from 'kafkajs';

type ConsumerConfig = kafkajs.ConsumerConfig & {
  readonly fromBeginning?: boolean;
  readonly autoCommit?: boolean;
};

export declare const KafkaJS: {
  readonly Kafka: new (config: { readonly kafkaJS: kafkajs.KafkaConfig }) => {
    producer(config?: {
      readonly kafkaJS: kafkajs.ProducerConfig & { readonly acks?: number };
    }): kafkajs.Producer;
    consumer(config: { readonly kafkaJS: ConsumerConfig }): kafkajs.Consumer;
  };
};
