import { FRAMEWORK_DEADLINE_MS, frameworkLab } from '../../support/frameworks';
import { createTopics } from '../../support/topics';
import { expectTracesOfReadme } from './support/readme';
import { addressOf, LISTENS, STEP_MS, withExample } from './support/stage';
import { tracesOfKafka } from './support/traces';

const EXAMPLE = 'express-fastify';

// May install the frameworks.
beforeAll(() => frameworkLab(EXAMPLE), FRAMEWORK_DEADLINE_MS);

const postJson = (url: string, body: unknown) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('a request to Express or Fastify and the handling of its message are one trace', async () => {
  const topics = await createTopics({ orders: 1, deliveries: 1 });
  const env = {
    ORDERS_TOPIC: topics.orders,
    DELIVERIES_TOPIC: topics.deliveries,
    GROUP_ID: topics.orders,
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,express,kafkajs',
  };
  await withExample(EXAMPLE, env, async example => {
    const [api, stock] = await Promise.all([
      example.ready('start', 'order-api', LISTENS),
      example.ready('start:stock', 'stock', LISTENS),
    ]);
    expect((await postJson(`${addressOf(stock)}/deliveries`, { item: 'lamp', quantity: 5 })).status).toBe(
      202,
    );
    await example.collector.waitForSpan(`process ${topics.deliveries}`, STEP_MS);
    expect((await postJson(`${addressOf(api)}/orders`, { item: 'lamp', quantity: 2 })).status).toBe(202);
    await example.collector.waitForSpan(`process ${topics.orders}`, STEP_MS);
    expect(await (await fetch(`${addressOf(stock)}/stock/lamp`)).json()).toEqual({ quantity: 3 });
    await example.stop(api, stock);
    expectTracesOfReadme(EXAMPLE, tracesOfKafka(example.collector.spans), topics);
  });
});
