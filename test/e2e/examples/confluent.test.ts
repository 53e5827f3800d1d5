import { createTopics, withAdmin } from '../../support/topics';
import { LAB_DEADLINE_MS, confluentLab } from '../../support/confluent';
import { expectTracesOfReadme } from './support/readme';
import { STEP_MS, withExample } from './support/stage';

const EXAMPLE = 'confluent';

// May build the client.
beforeAll(() => confluentLab(), LAB_DEADLINE_MS);

test("orders sent with Confluent's client become invoices, each in a transaction that commits its offset", async () => {
  const topics = await createTopics({ orders: 1, invoices: 1 });
  const env = {
    ORDERS_TOPIC: topics.orders,
    INVOICES_TOPIC: topics.invoices,
    GROUP_ID: topics.orders,
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'confluent-kafka-javascript',
  };
  await withExample(EXAMPLE, env, async example => {
    await example.run('order', 'order', {}, ['lamp', 'chair']);
    const worker = await example.ready('start', 'worker', /worker is ready/);
    await example.collector.waitForSpans(
      spans => spans.filter(({ name }) => name === `process ${topics.orders}`).length === 2,
      STEP_MS,
    );
    await example.stop(worker);

    const committed = await withAdmin(admin =>
      admin.fetchOffsets({ groupId: topics.orders, topics: [topics.orders] }),
    );
    expect(committed).toMatchObject([{ partitions: [{ partition: 0, offset: '2' }] }]);
    expectTracesOfReadme(EXAMPLE, example.collector.spans, topics);
  });
});
