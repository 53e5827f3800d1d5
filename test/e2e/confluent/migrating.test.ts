import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { readPage, tableOf } from '../../docs/pages';
import { startCollector } from '../../support/collector';
import { LAB_DEADLINE_MS, confluentEnvironment, confluentLab } from '../../support/confluent';
import { otlpEnvironment, projectRoot, registerAlone, startProgram } from '../../support/program';
import { comparableSpans } from '../../support/spans';
import { createTopics } from '../../support/topics';

jest.setTimeout(180_000);

/** The programs of the page. The first program uses kafkajs. */
const programs = readPage('docs/migrating.md')
  .fences.map(({ text }) => text)
  .filter(text => text.includes("groupId: 'billing'"));

let lab: string;
beforeAll(async () => {
  lab = await confluentLab();
}, LAB_DEADLINE_MS);

test('a program that moves from kafkajs to Confluent keeps its traces and metrics, as the page says', async () => {
  expect(programs).toHaveLength(2);
  const [kafkajs, confluent] = await Promise.all(
    programs.map(text => runProgram(text, metricsOf(text.includes('KafkaJS') ? 'confluent' : 'kafkajs'))),
  );
  // Attributes that Confluent's client does not know.
  const unknown = ['messaging.kafka.cluster.id', 'server.address', 'server.port'];
  expect(confluent?.spans).toEqual(withoutAttributes(kafkajs?.spans ?? {}, unknown));
  expect(Object.keys(confluent?.spans ?? {})).toEqual(
    expect.arrayContaining(['send orders', 'process orders', 'send invoices', 'commit orders']),
  );

  expect(confluent?.metrics).toEqual(metricsOf('confluent'));
  expect(kafkajs?.metrics).toEqual(metricsOf('kafkajs'));
  expect(metricsOf('kafkajs').filter(name => !metricsOf('confluent').includes(name))).toEqual([
    'kafka.consumer.heartbeat_age',
  ]);
});

/** The metrics that the page promises for a program without rebalances and crashes. */
const metricsOf = (client: 'kafkajs' | 'confluent'): string[] =>
  tableOf(readPage('docs/clients.md'), 'metric')
    .filter(({ cells }) => cells[client === 'kafkajs' ? 1 : 2]?.startsWith('yes'))
    .map(({ cells: [name = ''] }) => name.replaceAll('`', ''))
    .filter(name => !/rebalances|crashes/.test(name))
    .sort();

async function runProgram(text: string, metrics: readonly string[]) {
  const topics = await createTopics({ orders: 1, invoices: 1 });
  const rename = (name: string) =>
    Object.entries(topics).reduce((named, [role, topic]) => named.replaceAll(topic, role), name);
  const folder = mkdtempSync(join(tmpdir(), 'migrating-'));
  const collector = await startCollector();
  try {
    const file = join(folder, 'program.js');
    writeFileSync(
      file,
      text
        .replaceAll('localhost:9092', process.env['KAFKA_BROKERS'] ?? '')
        .replace("'billing'", `'${topics.orders}'`)
        .replaceAll("topic: 'orders'", `topic: '${topics.orders}'`)
        .replaceAll("topic: 'invoices'", `topic: '${topics.invoices}'`),
    );
    const program = startProgram({
      file,
      execArgv: registerAlone,
      env: {
        ...otlpEnvironment(collector, { service: 'shop', metrics: true }),
        NODE_PATH: [confluentEnvironment(lab).NODE_PATH, join(projectRoot, 'node_modules')].join(delimiter),
        NODE_NO_WARNINGS: '1',
      },
    });
    await collector.waitForSpans(
      spans => spans.some(({ name }) => name === `commit ${topics.orders}`),
      90_000,
    );
    // Wait for the last span of the handler, and for metrics that were collected after it.
    await collector.waitForSpans(
      spans => spans.some(({ name }) => name === `process ${topics.orders}`),
      90_000,
    );
    for (const name of metrics) await collector.waitForMetric(name, () => true, 30_000);
    program.kill('SIGTERM');
    await program.exit;
    return {
      spans: Object.fromEntries(
        Object.entries(comparableSpans(collector.spans, { label: ({ name }) => rename(name) })).map(
          ([label, span]) => [label, JSON.parse(rename(JSON.stringify(span))) as typeof span],
        ),
      ),
      metrics: [...new Set(collector.metrics.map(({ name }) => name))].sort(),
    };
  } finally {
    await collector.close();
    rmSync(folder, { recursive: true });
  }
}

type Spans = Awaited<ReturnType<typeof runProgram>>['spans'];

const withoutAttributes = (spans: Spans, names: readonly string[]): Spans =>
  Object.fromEntries(
    Object.entries(spans).map(([label, span]) => [
      label,
      {
        ...span,
        attributes: Object.fromEntries(
          Object.entries(span.attributes).filter(([name]) => !names.includes(name)),
        ),
      },
    ]),
  );
