import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPage } from '../docs/pages';
import { expectTracesOfReadme } from '../e2e/examples/support/readme';
import { addressOf, STEP_MS, withExample, type Ready, type Stage } from '../e2e/examples/support/stage';
import { tracesOfKafka } from '../e2e/examples/support/traces';
import { FRAMEWORK_DEADLINE_MS, frameworkLab } from '../support/frameworks';
import type { ReceivedSpan } from '../support/otlp';
import { createTopics } from '../support/topics';

const EXAMPLE = 'nextjs';
const REGISTER = '--require @org/kafka-otel/register';

/** An SDK for Next.js, with the packages that it needs. */
const VERCEL: Readonly<Record<string, string>> = {
  '@vercel/otel': '^2.1.3',
  '@opentelemetry/api-logs': '^0.223.0',
  '@opentelemetry/resources': '^2.0.0',
  '@opentelemetry/sdk-logs': '^0.223.0',
  '@opentelemetry/sdk-metrics': '^2.0.0',
  '@opentelemetry/sdk-trace-base': '^2.0.0',
};

// This may install Next.js.
beforeAll(async () => {
  await frameworkLab(EXAMPLE);
  await frameworkLab(EXAMPLE, VERCEL);
}, 2 * FRAMEWORK_DEADLINE_MS);

/** Returns the code block on docs/nextjs.md that contains this text. */
function codeOfPage(wanted: string): string {
  const code = readPage('docs/nextjs.md').fences.find(({ text }) => text.includes(wanted))?.text;
  if (code === undefined) throw new Error(`docs/nextjs.md does not show ${wanted}`);
  return code;
}

/**
 * Changes the example so that kafkajs is part of the bundle and is passed to the instrumentation, as docs/nextjs.md
 * describes.
 */
function inlineKafkajs(folder: string): void {
  writeFileSync(join(folder, 'lib/kafkajs.js'), codeOfPage('instrumentModule'));
  const config = join(folder, 'next.config.mjs');
  writeFileSync(config, readFileSync(config, 'utf8').replace("'kafkajs', ", ''));
}

/** Removes the files that start an SDK. */
function leaveSdkToRegister(folder: string): void {
  writeFileSync(join(folder, 'instrumentation.js'), 'export function register() {}\n');
}

/** Replaces the files that start an SDK with the file that docs/nextjs.md shows for `@vercel/otel`. */
function startVercel(folder: string): void {
  rmSync(join(folder, 'instrumentation-node.js'));
  writeFileSync(join(folder, 'instrumentation.js'), codeOfPage('registerOTel('));
}

/** Removes the attribute that `@vercel/otel` adds to every span. */
function withoutVercel(span: ReceivedSpan): ReceivedSpan {
  const attributes = Object.entries(span.attributes).filter(([name]) => name !== 'operation.name');
  return { ...span, attributes: Object.fromEntries(attributes) };
}

/** Sends an order. Returns when both the producer span and the consumer span were exported. */
async function order(example: Stage, next: Ready, topic: string): Promise<void> {
  const answer = await fetch(`${addressOf(next)}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ item: 'lamp', quantity: 2 }),
  });
  expect(answer.status).toBe(202);
  await example.collector.waitForSpan(`process ${topic}`, STEP_MS);
  await example.collector.waitForSpan('POST /orders', STEP_MS);
}

/** Next.js exits with 143 after SIGTERM. */
async function stopNext({ program }: Ready): Promise<void> {
  program.kill('SIGTERM');
  const { code, signal } = await program.exit;
  expect([
    [143, null],
    [0, null],
    [null, 'SIGTERM'],
  ]).toContainEqual([code, signal]);
}

test.each([
  ['Turbopack, kafkajs left out of the bundle', 'build', () => undefined, {}],
  ['webpack, kafkajs left out of the bundle', 'build:webpack', () => undefined, {}],
  ['Turbopack, kafkajs in the bundle and handed over', 'build', inlineKafkajs, {}],
  ['webpack, kafkajs in the bundle and handed over', 'build:webpack', inlineKafkajs, {}],
  ['register in place of an SDK in the code', 'build', leaveSdkToRegister, { NODE_OPTIONS: REGISTER }],
  ['Turbopack and @vercel/otel', 'build', startVercel, {}, VERCEL],
  ['webpack and @vercel/otel', 'build:webpack', startVercel, {}, VERCEL],
])(
  'a route and the handling of its message are one trace with %s',
  async (_, build, change, start, versions = {}) => {
    const { orders } = await createTopics({ orders: 1 });
    const env = { ORDERS_TOPIC: orders, GROUP_ID: orders, NEXT_TELEMETRY_DISABLED: '1' };
    const only = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'kafkajs' };
    const trace = async (example: Stage) => {
      change(example.folder);
      await example.run(build, 'build', {}, []);
      const [next, worker] = await Promise.all([
        example.ready('start', 'shop', /Local: +http:\/\/localhost:(\d+)/, start),
        example.ready('start:worker', 'worker', /worker is ready/),
      ]);
      await order(example, next, orders);
      await example.stop(worker);
      await stopNext(next);

      expect(worker.program.stdout).toContain('packing 2 × lamp');
      expectTracesOfReadme(EXAMPLE, tracesOfKafka(example.collector.spans).map(withoutVercel), { orders });
    };
    await withExample(EXAMPLE, { ...env, ...only }, trace, { versions });
  },
);
