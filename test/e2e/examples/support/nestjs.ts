import { createTopics, withAdmin } from '../../../support/topics';
import { known } from '../../../support/known-topics.cjs';
import { expectTracesOfReadme } from './readme';
import { addressOf, LISTENS, STEP_MS, withExample, type StageOptions } from './stage';
import { tracesOfKafka } from './traces';

export const NESTJS = 'nestjs';

/** The two ways in which the example starts the instrumentation, with the scripts that start its services. */
export const NESTJS_STARTS = [
  ['register', 'start', 'start:stock'],
  ['an own NodeSDK', 'start:sdk', 'start:stock:sdk'],
] as const;

/** Builds the example and places two orders, one of which is rejected. Compares the traces with the README. */
export async function expectOrderTraced(
  apiScript: string,
  stockScript: string,
  options: StageOptions = {},
): Promise<void> {
  const topics = await createTopics({ 'stock.reserve': 1, orders: 1 });
  const { 'stock.reserve': reserve, orders } = topics;
  const replies = `${reserve}.reply`;
  await withAdmin(async admin => {
    await admin.createTopics({ topics: [{ topic: replies }], waitForLeaders: false });
    await known(admin, [replies]);
  });
  const env = {
    RESERVE_TOPIC: reserve,
    ORDERS_TOPIC: orders,
    GROUP_ID: reserve,
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,kafkajs',
  };
  try {
    await withExample(
      NESTJS,
      env,
      async example => {
        await example.run('build', 'build', {}, []);
        const [api, stock] = await Promise.all([
          example.ready(apiScript, 'order-api', LISTENS),
          example.ready(stockScript, 'stock', /stock is ready/),
        ]);
        const order = async (quantity: number) => {
          const { status } = await fetch(`${addressOf(api)}/orders`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ item: 'lamp', quantity }),
          });
          return status;
        };
        expect(await order(2)).toBe(202);
        expect(await order(9)).toBe(409);
        await example.collector.waitForSpan(`process ${orders}`, STEP_MS);
        await example.stop(api, stock);

        expect(stock.program.stdout).toContain('packing 2 × lamp');
        expectTracesOfReadme(NESTJS, tracesOfKafka(example.collector.spans), topics);
      },
      options,
    );
  } finally {
    await withAdmin(admin => admin.deleteTopics({ topics: [replies] }));
  }
}
