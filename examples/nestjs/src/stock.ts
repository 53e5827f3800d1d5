import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { kafkaOptions, ORDERS_TOPIC, RESERVE_TOPIC, type Order } from './kafka.js';

const { GROUP_ID = 'stock' } = process.env;

@Controller()
class StockController {
  private lamps = 5;

  @MessagePattern(RESERVE_TOPIC)
  reserve(@Payload() { quantity }: Order): boolean {
    if (quantity > this.lamps) throw new RpcException('sold out');
    this.lamps -= quantity;
    return true;
  }

  @EventPattern<string>(ORDERS_TOPIC)
  pack(@Payload() { item, quantity }: Order): void {
    console.log(`packing ${quantity} × ${item}`);
  }
}

@Module({ controllers: [StockController] })
class StockModule {}

const app = await NestFactory.createMicroservice(StockModule, {
  ...kafkaOptions('stock', GROUP_ID),
  logger: ['error', 'warn'],
});
await app.listen();
console.log('stock is ready');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void app.close());
