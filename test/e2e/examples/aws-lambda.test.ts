import { createTopics } from '../../support/topics';
import { expectTracesOfReadme } from './support/readme';
import { withExample } from './support/stage';

const EXAMPLE = 'aws-lambda';

test('each record of a Lambda event continues the trace of its producer, and the invocation has its only producer as parent', async () => {
  const topics = await createTopics({ orders: 1, invoices: 1 });
  const env = { ORDERS_TOPIC: topics.orders, INVOICES_TOPIC: topics.invoices, GROUP_ID: topics.orders };
  await withExample(EXAMPLE, env, async example => {
    await example.run('order', 'shop', {}, ['lamp', 'chair']);
    await example.run('poll', 'poller', {}, ['2']);
    await example.run('start', 'billing', {}, []);
    await example.run('order', 'shop', {}, ['table']);
    await example.run('poll', 'poller', {}, ['1']);
    await example.run('start', 'billing', {}, []);
    expectTracesOfReadme(EXAMPLE, example.collector.spans, topics);
  });
});
