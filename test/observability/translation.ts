/**
 * Converts the same exports in two ways and compares the series: with test/support/prometheus, and with the OTLP
 * receiver of Prometheus 3.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { startKafka } from '../support/kafka';
import { decodeMetrics } from '../support/otlp';
import { otlpEnvironment, registerPath, startProgram } from '../support/program';
import { Exposition } from '../support/prometheus/exposition';
import { startPrometheus, type Prometheus, type Sample } from '../support/prometheus/server';
import { createTopics, deleteTopics, namesWith } from '../../demo/topics';
import { placeOrder } from '../../demo/orders';

const PROMOTED = ['service.name', 'deployment.environment.name'];
const ORDERS = 20;

/** Series (name, labels and last value) that both conversions have, or that only one of them has. */
export interface Comparison {
  readonly same: number;
  readonly onlyReceived: readonly string[];
  readonly onlyTranslated: readonly string[];
}

export async function compareTranslation(prometheus3: string): Promise<Comparison> {
  const kafka = await startKafka();
  const names = namesWith(`-translation-${process.pid}`);
  await createTopics(kafka.brokers, names);
  const exposition = new Exposition(PROMOTED);
  const receiver = await startPrometheus({
    program: prometheus3,
    args: ['--web.enable-otlp-receiver'],
    settings: { otlp: { promote_resource_attributes: PROMOTED } },
    expose: () => '\n',
  });
  const reader = await startPrometheus({ program: prometheus3, expose: () => exposition.text });
  const collector = createServer((request, response) => {
    void text(request).then(async body => {
      if (request.url === '/v1/metrics') {
        const sent = await fetch(`${receiver.url}/api/v1/otlp/v1/metrics`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        if (!sent.ok) throw new Error(`Prometheus rejected an export: ${await sent.text()}`);
        exposition.receive(decodeMetrics(JSON.parse(body)));
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  try {
    await runServices(url, kafka.brokers.join(','), names.orders);
    return await compareSeries(receiver, reader);
  } finally {
    collector.close();
    collector.closeAllConnections();
    await Promise.all([receiver.stop(), reader.stop()]);
    await deleteTopics(kafka.brokers, {
      ...names,
      paymentGroup: names.orders,
      receiptGroup: names.orders,
    }).catch(() => undefined);
    await kafka.stop();
  }
}

/**
 * Runs two services until they have handled all orders. Orders and receipts have the same topic, so no payment worker
 * and no database are needed.
 */
async function runServices(url: string, brokers: string, topic: string): Promise<void> {
  const start = (name: string) =>
    startProgram({
      file: join('demo', 'services', `${name}.js`),
      execArgv: ['--require', registerPath],
      env: {
        ...otlpEnvironment({ url }, { service: name, metrics: true }),
        OTEL_NODE_RESOURCE_DETECTORS: 'env,host,process,serviceinstance',
        OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=shop,deployment.environment.name=test,team.2nd=a "b"',
        KAFKA_BROKERS: brokers,
        ORDERS_TOPIC: topic,
        RECEIPTS_TOPIC: topic,
        GROUP_ID: topic,
        PORT: '0',
      },
    });
  const api = start('order-api');
  const mailer = start('receipt-mailer');
  const [, port = ''] = await api.line(/listens on port (\d+)/, 60_000);
  await mailer.line(/ is ready/, 60_000);
  for (let order = 0; order < ORDERS; order++)
    await placeOrder(`http://127.0.0.1:${port}/orders`, {
      item: `cup ${order}`,
      amount: 1,
      card: 'accepted',
    });
  await mailer.line(`cup ${ORDERS - 1}: 1`, 60_000);
  for (const program of [api, mailer]) {
    program.kill('SIGTERM');
    await program.exit;
  }
}

async function compareSeries(receiver: Prometheus, reader: Prometheus): Promise<Comparison> {
  const all = async (prometheus: Prometheus): Promise<Set<string>> =>
    new Set((await prometheus.query('{__name__=~".+",job!="exposed"}')).map(seriesText));
  const received = await all(receiver);
  // After two scrapes, Prometheus has read the last export.
  await reader.scraped();
  await reader.scraped();
  const translated = await all(reader);
  return {
    same: [...received].filter(series => translated.has(series)).length,
    onlyReceived: [...received].filter(series => !translated.has(series)),
    onlyTranslated: [...translated].filter(series => !received.has(series)),
  };
}

const seriesText = ({ labels, value }: Sample): string =>
  `${Object.keys(labels)
    .sort()
    .map(label => `${label}=${labels[label] ?? ''}`)
    .join(' ')} ${value}`;
