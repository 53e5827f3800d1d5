import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../support/program';
import type { Sample } from '../../support/prometheus/server';
import { openShop, type Shop } from './shop';

jest.setTimeout(120_000);

interface Dashboard {
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly datasource?: { readonly type: string };
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}
const file = join(projectRoot, 'observability', 'grafana', 'dashboards', 'kafka.json');
const dashboard = JSON.parse(readFileSync(file, 'utf8')) as Dashboard;
const queries = dashboard.panels
  .filter(({ datasource }) => datasource?.type === 'prometheus')
  .flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

/** The healthy services. */
const WELL = ['order-api', 'payment-worker', 'receipt-mailer'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(async () => {
  await shop.close();
});

/** Long enough for new values to arrive on a busy machine. */
const RATE_INTERVAL = '20s';

/** Replaces variables as Grafana does; the default selection is All. */
const filled = (expr: string, choices: Readonly<Record<string, string>> = {}): string =>
  expr.replaceAll(/\$(\w+)/g, (_, name: string) =>
    name === '__rate_interval' ? RATE_INTERVAL : (choices[name] ?? '.*'),
  );

const hasData = (samples: readonly Sample[]): boolean => samples.some(({ value }) => Number.isFinite(value));

test.each(queries)('%s has data: %s', async (_, expr) => {
  await shop.prometheus.until(() => shop.prometheus.query(filled(expr)), hasData, 40_000);
});

/** Returns the result of the first query of a panel for the selected variables. */
const shown = (title: string, choices: Readonly<Record<string, string>>): Promise<readonly Sample[]> => {
  const [, expr] = queries.find(([name]) => name === title) ?? ['', ''];
  return shop.prometheus.query(filled(expr, choices));
};

test('the dashboard shows the correct values for a group and its topic', async () => {
  const { prometheus, topics } = shop;
  const payments = shop.groups.payment;
  const value = async (title: string, choices: Readonly<Record<string, string>>) =>
    (await shown(title, choices)).map(sample => sample.value);

  // The topic has five records. Two were processed, and the handler of the next one hangs.
  await prometheus.until(
    () => value('Lag, by group and partition', { group: topics.hung }),
    ([lag]) => lag === 3,
  );
  await prometheus.until(
    () => value('Furthest behind', { group: topics.hung }),
    ([age = 0]) => age > 3,
  );
  expect(await value('Assigned partitions', { group: payments })).toEqual([3]);
  expect(await value('Assigned partitions', { service: 'payment-worker' })).toEqual([3]);
  expect(await value('Assigned partitions', { group: payments, service: 'order-api' })).toEqual([]);
  const [sent = 0] = await value('Sent', { topic: topics.orders });
  // Five orders per scrape, two scrapes per second, if the machine is fast enough.
  expect(sent).toBeGreaterThan(0.5);
  expect(sent).toBeLessThan(20);
  const [p50 = 0, p99 = 0] = await Promise.all(
    queries
      .filter(([title, expr]) => title === 'Processing time' && /0\.50?,|0\.99,/.test(expr))
      .map(async ([, expr]) => (await prometheus.query(filled(expr, { topic: topics.orders })))[0]?.value),
  );
  expect(p50).toBeGreaterThan(0);
  expect(p99).toBeGreaterThanOrEqual(p50);
});

test('the first crash is shown, although its counter starts at 1', async () => {
  await shop.prometheus.until(
    () => shop.prometheus.query('kafka_consumer_crashes_total{kafka_consumer_restarts="false"}'),
    ([crashes]) => crashes?.value === 1,
  );
  const [, expr = ''] = queries.find(([title]) => title === 'Crashes') ?? [];
  const { labels } = (
    await shop.prometheus.query(filled(expr, { group: shop.topics.dead }).replaceAll(RATE_INTERVAL, '2m'))
  )[0] ?? { labels: {} };
  expect(labels).toEqual({
    messaging_consumer_group_name: shop.topics.dead,
    error_type: 'TypeError',
    kafka_consumer_restarts: 'false',
  });
});

test('the variables list the existing services, groups and topics', async () => {
  const { prometheus, topics, groups } = shop;
  const offers = async (name: string, wanted: readonly string[]): Promise<void> => {
    const { definition = '' } = dashboard.templating.list.find(variable => variable.name === name) ?? {};
    const [, matching = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
    await prometheus.until(
      () => prometheus.labelValues(label, filled(matching)),
      offered => wanted.every(value => offered.includes(value)),
    );
  };
  await offers('service', [...WELL, 'killed', 'unwell']);
  await offers('group', [...Object.values(groups), topics.hung]);
  await offers('topic', [topics.orders, topics.receipts, topics.letters, topics.hung]);
});

/** The alert may already be resolved, so check whether it has fired at any time. */
const hasFired = async (name: string, matcher: string): Promise<void> => {
  const fired = `max_over_time(ALERTS{alertname="${name}",alertstate="firing",${matcher}}[5m])`;
  await shop.prometheus.until(
    () => shop.prometheus.query(fired),
    samples => samples.length > 0,
    60_000,
  );
};

test('KafkaSendsFail fires for the service whose topic does not exist', async () => {
  await hasFired('KafkaSendsFail', 'job="astray"');
});

test.each([
  ['KafkaConsumerDead', 'dead'],
  ['KafkaConsumerSilent', 'hung'],
  ['KafkaConsumerStuck', 'hung'],
  ['KafkaLagGrowing', 'hung'],
  ['KafkaConsumerCrashing', 'crashing'],
  ['KafkaProcessingFails', 'crashing'],
  ['KafkaRebalanceStorm', 'restless'],
  ['KafkaGroupGone', 'gone'],
] as const)('%s fires for the consumers that are %s', async (name, fault) => {
  await hasFired(name, `messaging_consumer_group_name="${shop.topics[fault]}"`);
});

test('the annotations of a firing alert contain the group', async () => {
  const alerts = await shop.prometheus.until(
    () => shop.prometheus.alerts(),
    all => all.some(({ name, state }) => name === 'KafkaConsumerDead' && state === 'firing'),
  );
  const { annotations } = alerts.find(({ name }) => name === 'KafkaConsumerDead') ?? {};
  expect(annotations?.['summary']).toBe(`A consumer of ${shop.topics.dead} in unwell is dead`);
  expect(annotations?.['description']).toMatch(/Last heartbeat \d.* ago\./);
});

test('the dashboard has an annotation when an alert fires', async () => {
  const [{ expr } = { expr: '' }] = dashboard.annotations.list;
  expect(hasData(await shop.prometheus.query(filled(expr)))).toBe(true);
});

test('no alert has fired for the healthy services', async () => {
  await shop.rest();
  const fired = await shop.prometheus.query('max_over_time(ALERTS{alertstate="firing"}[5m])');
  const crashed = await shop.prometheus.query('max_over_time(kafka_consumer_crashes_total[5m])');
  const ofThem = [...fired, ...crashed].filter(({ labels }) =>
    [labels['job'], labels['messaging_consumer_group_name']].some(
      name => name !== undefined && [...WELL, ...Object.values(shop.groups)].includes(name),
    ),
  );
  expect(ofThem).toEqual([]);
});
