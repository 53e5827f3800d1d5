import { createTopics } from '../../support/topics';
import { withDatabase } from './support/database';
import { expectTracesOfReadme } from './support/readme';
import { addressOf, post, withExample } from './support/stage';
import { tracesOfKafka } from './support/traces';

const EXAMPLE = 'http-kafka-sql-esm';

test('an order is one trace in ES modules as well, with no loader on the command line', async () => {
  const topics = await createTopics({ orders: 1 });
  await withDatabase(EXAMPLE, database =>
    withExample(EXAMPLE, { ORDERS_TOPIC: topics.orders, DATABASE_URL: database.url }, async example => {
      const build = await example.start('build', 'build').exit;
      expect(build.code).toBe(0);
      const api = example.start('start', 'order-api');
      const worker = example.start('start:worker', 'order-worker', { GROUP_ID: topics.orders });
      const url = await addressOf(api);
      await worker.line('order-worker is ready');

      expect(await post(`${url}/orders`, { item: 'lamp' })).toMatchObject({ status: 400 });
      const { status, body } = await post(`${url}/orders`, { item: 'lamp', quantity: 2 });
      expect(status).toBe(202);
      await example.collector.waitForSpan(`process ${topics.orders}`);
      await Promise.all([example.stop(api), example.stop(worker)]);

      expect(await database.query('SELECT * FROM orders')).toEqual([
        { id: (body as { id: string }).id, item: 'lamp', quantity: 2 },
      ]);
      expectTracesOfReadme(EXAMPLE, tracesOfKafka(example.collector.spans), topics);
    }),
  );
});
