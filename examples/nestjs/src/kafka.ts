import { Transport, type KafkaOptions } from '@nestjs/microservices';

const {
  KAFKA_BROKERS = 'localhost:9092',
  RESERVE_TOPIC = 'stock.reserve',
  ORDERS_TOPIC = 'orders',
} = process.env;

export { RESERVE_TOPIC, ORDERS_TOPIC };

export interface Order {
  readonly item: string;
  readonly quantity: number;
}

/** NestJS appends `-client` or `-server` to both names. */
export const kafkaOptions = (name: string, groupId: string): KafkaOptions => ({
  transport: Transport.KAFKA,
  options: {
    client: { clientId: name, brokers: KAFKA_BROKERS.split(',') },
    consumer: { groupId, maxWaitTimeInMs: 500 },
    subscribe: { fromBeginning: true },
  },
});
