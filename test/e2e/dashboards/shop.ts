/**
 * The services of the demo under light load, some failing consumers, and a real Prometheus that scrapes all of them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { placeOrder } from '../../../demo/orders';
import { serviceEnvironment } from '../../../demo/services';
import { startCollector } from '../../support/collector';
import { otlpEnvironment, projectRoot, registerAlone, startProgram } from '../../support/program';
import { Exposition } from '../../support/prometheus/exposition';
import { startPrometheus, type Prometheus } from '../../support/prometheus/server';
import { createTopics } from '../../support/topics';
import { LOOKBACK, quickened } from './quickened';
import { startUnwell, type Fault } from './unwell';

const RULES = join(projectRoot, 'observability', 'prometheus', 'rules', 'kafka.yaml');
const STARTED_WITHIN_MS = 60_000;

export interface Shop {
  readonly prometheus: Prometheus;
  /** Topics by role. The group of a failing consumer has the same name as its topic. */
  readonly topics: Readonly<Record<'orders' | 'receipts' | 'letters' | Fault, string>>;
  /** Groups of the healthy services. */
  readonly groups: Readonly<Record<'payment' | 'receipt', string>>;
  /**
   * Stops the load and the rebalances.
   *
   * @throws the first error that one of them had
   */
  rest(): Promise<void>;
  close(): Promise<void>;
}

export async function openShop(): Promise<Shop> {
  const database = startProgram({
    file: join(__dirname, 'database.ts'),
    // Do not use the tsx command: if it is killed, its child process keeps running.
    execArgv: ['--require', 'tsx/cjs'],
  });
  const [topics, collector, [, reachable = '{}']] = await Promise.all([
    createTopics({ orders: 3, receipts: 1, letters: 1, hung: 1, dead: 1, crashing: 1, restless: 2, gone: 1 }),
    startCollector(),
    database.line(/^database (.*)$/, STARTED_WITHIN_MS),
  ]);
  const exposition = new Exposition();
  const prometheus = await startPrometheus({
    lookback: LOOKBACK,
    rules: quickened(readFileSync(RULES, 'utf8')),
    expose: () => {
      exposition.receive(collector.metrics);
      // The metrics are stored in the exposition, and spans are not needed.
      collector.clear();
      return exposition.text;
    },
  });
  const telemetry = (service: string): Record<string, string> => ({
    ...otlpEnvironment(collector, { service, metrics: true }),
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_METRIC_EXPORT_TIMEOUT: '1000',
    // The instance id distinguishes processes of the same service.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,serviceinstance',
  });
  const surroundings = {
    brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','),
    database: JSON.parse(reachable) as Record<string, string>,
    viewer: collector,
    names: {
      orders: topics.orders,
      receipts: topics.receipts,
      deadLetters: topics.letters,
      paymentGroup: `payment-${topics.orders}`,
      receiptGroup: `receipt-${topics.orders}`,
    },
  };
  const start = (
    program: 'order-api' | 'payment-worker' | 'receipt-mailer',
    service: string = program,
    env: Readonly<Record<string, string>> = {},
  ) =>
    startProgram({
      file: join('demo', 'services', `${program}.js`),
      execArgv: registerAlone,
      env: { ...serviceEnvironment(program, surroundings, {}), ...telemetry(service), ...env },
    });
  const apis = [start('order-api'), start('order-api', 'astray', { ORDERS_TOPIC: 'no such topic' })];
  const workers = [start('payment-worker'), start('receipt-mailer')];
  const unwell = startUnwell(topics, telemetry);
  const [url = '', astray = ''] = await Promise.all(
    apis.map(async api => {
      const [, port = ''] = await api.line(/order-api listens on port (\d+)/, STARTED_WITHIN_MS);
      return `http://127.0.0.1:${port}/orders`;
    }),
  );
  await Promise.all(workers.map(worker => worker.line(/ is ready/, STARTED_WITHIN_MS)));

  let isOpen = true;
  const load = async (): Promise<void> => {
    for (let round = 1; isOpen; round++) {
      const last = round % 20 === 10 ? 'declined' : 'accepted';
      const cards = ['accepted', 'accepted', 'accepted', 'accepted', last] as const;
      await Promise.all(cards.map(card => placeOrder(url, { item: 'cup', amount: 5, card })));
      const refused = await fetch(astray, { method: 'POST', body: '{}' });
      if (refused.status !== 503)
        throw new Error(`the order for the missing topic got status ${refused.status}, expected 503`);
      await prometheus.scraped();
    }
  };
  const work = Promise.all([load(), unwell.fail(prometheus)]);
  work.catch(() => undefined);

  return {
    prometheus,
    topics,
    groups: { payment: surroundings.names.paymentGroup, receipt: surroundings.names.receiptGroup },
    async rest() {
      isOpen = false;
      unwell.leave();
      await work;
    },
    async close() {
      isOpen = false;
      unwell.leave();
      await prometheus.stop();
      await collector.close();
    },
  };
}
