import { createTopics } from '../../support/topics';
import { withDatabase } from './support/database';
import { expectTracesOfReadme } from './support/readme';
import { addressOf, LISTENS, STEP_MS, post, withExample } from './support/stage';
import { tracesOfKafka } from './support/traces';

const EXAMPLE = 'transactional-outbox';

test('a message stored in the outbox and sent later continues the trace of its request', async () => {
  const topics = await createTopics({ orders: 1 });
  const env = { ORDERS_TOPIC: topics.orders, GROUP_ID: topics.orders, POLL_MS: '200' };
  await withDatabase(EXAMPLE, database =>
    withExample(EXAMPLE, { ...env, DATABASE_URL: database.url }, async example => {
      const api = await example.ready('start', 'order-api', LISTENS);
      const orders = `${addressOf(api)}/orders`;
      expect(await post(orders, { item: 7 })).toMatchObject({ status: 400 });
      expect(await post(orders, { item: 'lamp' })).toMatchObject({ status: 201 });
      // The request ends before the relay reads the row.
      expect(await database.query('SELECT topic FROM outbox')).toEqual([{ topic: topics.orders }]);

      const [relay, shipping] = await Promise.all([
        example.ready('start:relay', 'outbox-relay', /outbox-relay is ready/),
        example.ready('start:shipping', 'shipping', /shipping is ready/),
      ]);
      await example.collector.waitForSpan(`process ${topics.orders}`, STEP_MS);
      await example.stop(api, relay, shipping);

      expect(shipping.program.stdout).toMatch(/^ship lamp for order [-\w]+$/m);
      expect(await database.query('SELECT * FROM outbox')).toEqual([]);
      const { spans } = example.collector;
      // Compare only the names, because the number of polls of the relay varies.
      expect(spans.filter(span => span.service === 'outbox-relay').map(({ name }) => name)).toEqual([
        `send ${topics.orders}`,
      ]);
      expectTracesOfReadme(EXAMPLE, tracesOfKafka(spans), topics);
    }),
  );
});
