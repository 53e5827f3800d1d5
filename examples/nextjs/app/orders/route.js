import { connectedProducer } from '../../lib/kafka.js';

export async function POST(request) {
  const order = await request.json();
  const producer = await connectedProducer();
  await producer.send({
    topic: process.env.ORDERS_TOPIC ?? 'orders',
    messages: [{ key: order.item, value: JSON.stringify(order) }],
  });
  return Response.json({}, { status: 202 });
}
