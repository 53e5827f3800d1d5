import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import {
  Body,
  ConflictException,
  Controller,
  HttpCode,
  Inject,
  Module,
  Post,
  type OnModuleInit,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientKafka, ClientsModule } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { kafkaOptions, ORDERS_TOPIC, RESERVE_TOPIC, type Order } from './kafka.js';

const { GROUP_ID = 'order-api', PORT = '3000' } = process.env;

@Controller('orders')
class OrdersController implements OnModuleInit {
  constructor(@Inject('KAFKA') private readonly kafka: ClientKafka) {}

  async onModuleInit() {
    // Replies to `topic` come back in `topic.reply`.
    this.kafka.subscribeToResponseOf(RESERVE_TOPIC);
    await this.kafka.connect();
  }

  @Post()
  @HttpCode(202)
  async order(@Body() { item, quantity }: Order) {
    const order = { key: item, value: { item, quantity } };
    await this.reserve(order);
    await firstValueFrom(this.kafka.emit(ORDERS_TOPIC, order));
    return { item, quantity };
  }

  private async reserve(order: { key: string; value: Order }) {
    try {
      await firstValueFrom(this.kafka.send(RESERVE_TOPIC, order));
    } catch (error) {
      // The stock service's RpcException, as it came with the reply.
      if ((error as Partial<Error>).message === 'sold out') throw new ConflictException('sold out');
      throw error;
    }
  }
}

@Module({
  imports: [ClientsModule.register([{ name: 'KAFKA', ...kafkaOptions('order-api', GROUP_ID) }])],
  controllers: [OrdersController],
})
class OrdersModule {}

const app = await NestFactory.create(OrdersModule, { logger: ['error', 'warn'] });
await app.listen(Number(PORT));
const { port } = app.getHttpServer().address() as AddressInfo;
console.log(`order-api listens on port ${port}`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void app.close());
