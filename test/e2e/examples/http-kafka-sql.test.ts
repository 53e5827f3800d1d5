import { createTopics } from '../../support/topics';
import { withDatabase } from './support/database';
import { expectTracesOfReadme } from './support/readme';
import { addressOf, LISTENS, STEP_MS, post, withExample } from './support/stage';
import { tracesOfKafka } from './support/traces';

const EXAMPLE = 'http-kafka-sql';

test('an order is one trace from the request to the database row, and both programs exit cleanly', async () => {
  const topics = await createTopics({ orders: 1 });
  await withDatabase(EXAMPLE, database =>
    withExample(EXAMPLE, { ORDERS_TOPIC: topics.orders, DATABASE_URL: database.url }, async example => {
      const [api, worker] = await Promise.all([
        example.ready('start', 'order-api', LISTENS),
        example.ready('start:worker', 'order-worker', /order-worker is ready/, { GROUP_ID: topics.orders }),
      ]);
      const orders = `${addressOf(api)}/orders`;
      expect(await post(orders, { item: 'lamp' })).toMatchObject({ status: 400 });
      const { status, body } = await post(orders, { item: 'lamp', quantity: 2 });
      expect(status).toBe(202);
      await example.collector.waitForSpan(`process ${topics.orders}`, STEP_MS);
      await example.stop(api, worker);

      expect(await database.query('SELECT * FROM orders')).toEqual([
        { id: (body as { id: string }).id, item: 'lamp', quantity: 2 },
      ]);
      expectTracesOfReadme(EXAMPLE, tracesOfKafka(example.collector.spans), topics);
    }),
  );
});
