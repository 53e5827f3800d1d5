import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCollector, type Collector } from '../../support/collector';
import { otlpEnvironment, projectRoot, type Program } from '../../support/program';
import { VENDORS, type Vendor } from '../../support/vendors';
import { createTopics, readBack, type Topic } from '../loading/support/topics';
import { processed, sent, whole } from '../loading/support/whole';
import { start, type Order } from './support/start';

const SCOPE = '@org/kafka-otel';

/** A program that is still running after this time is killed. Loading dd-trace takes long on a slow machine. */
const DEADLINE_MS = 120_000;
// A test can start two programs.
jest.setTimeout(300_000);

interface Run {
  readonly end: {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
  };
  readonly stderr: string;
  readonly orders: Topic;
  /** Everything that the program has exported. */
  readonly collector: Collector;
}

interface RunOptions {
  readonly signal?: NodeJS.Signals | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

async function run(vendor: Vendor, order: Order, { signal, env }: RunOptions = {}): Promise<Run> {
  const [collector, { orders }] = await Promise.all([startCollector(), createTopics(['orders'])]);
  try {
    const program = start({
      vendor,
      order,
      topic: orders.name,
      env: { ...otlpEnvironment(collector, { metrics: true }), ...(signal && { WAITS: '1' }), ...env },
    });
    if (signal) {
      await program.line('waiting', DEADLINE_MS);
      program.kill(signal);
    }
    return { end: await endOf(program), stderr: program.stderr, orders, collector };
  } finally {
    await collector.close();
  }
}

async function endOf(program: Program): Promise<Run['end']> {
  const deadline = setTimeout(() => {
    program.kill('SIGKILL');
  }, DEADLINE_MS);
  const { code, signal } = await program.exit;
  clearTimeout(deadline);
  return { code, signal, stdout: program.stdout };
}

const runs = new Map<string, Promise<Run>>();

/** Runs every program only once, in the first test that needs it. */
function runOnce(vendor: Vendor, order: Order, signal?: NodeJS.Signals): Promise<Run> {
  const key = [vendor, order, signal].join(' ');
  const known = runs.get(key);
  if (known) return known;
  const running = run(vendor, order, { signal });
  runs.set(key, running);
  return running;
}

const ourSpans = ({ collector }: Run) => collector.spans.filter(({ scope }) => scope === SCOPE);

/** Returns the value of a counter in the last export, which arrives before the program ends. */
function counted({ collector }: Run, name: string): number {
  const last = collector.metrics.filter(metric => metric.name === name && metric.scope === SCOPE).at(-1);
  const points = last?.points ?? [];
  return points.reduce((sum, point) => sum + ('value' in point ? point.value : NaN), 0);
}

const ORDERS = ['before', 'after'] as const;
const cases = VENDORS.flatMap(vendor => ORDERS.map(order => ({ vendor, order })));

// Sentry 9 and 10 register an OpenTelemetry SDK if they are loaded first. This SDK then gets the spans of this package.
const exportsToSentry = ({ vendor, order }: (typeof cases)[number]) =>
  /^@sentry\/node@(9|10)\./.test(vendor) && order === 'before';

const HANDLED = 'RESULT [["key","one","header"],["key","two","header"]]\n';

test.each(cases.filter(each => !exportsToSentry(each)))(
  'with $vendor, loaded $order this package, every message has one set of spans and is counted once',
  async ({ vendor, order }) => {
    const ran = await runOnce(vendor, order);
    const { orders } = ran;
    expect(ran.end.stdout).toContain(HANDLED);
    const key = { 'messaging.kafka.message.key': 'key' };
    const withKey = (span: ReturnType<typeof sent>) => ({
      ...span,
      attributes: { ...span.attributes, ...key },
    });
    // Ignore the parent, which may be a span of the vendor.
    const spans = whole(ourSpans(ran)).map(span => ({ ...span, parent: undefined }));
    expect(spans).toEqual(
      [sent(orders, 0), sent(orders, 1), processed(orders, 0), processed(orders, 1)]
        .map(withKey)
        .map(span => ({ ...span, parent: undefined })),
    );
    expect(counted(ran, 'messaging.client.consumed.messages')).toBe(2);
    expect(counted(ran, 'messaging.client.sent.messages')).toBe(2);
    const stored = await readBack(orders, 2);
    expect(stored).toEqual(
      ['one', 'two'].map(value => ({
        value,
        headers: expect.objectContaining({
          own: 'header',
          traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-0[01]$/) as string,
        }) as object,
      })),
    );
    // Sentry 9 uses the official package. Sentry 10 has a copy of it, which stays active.
    const isActive = ran.stderr.includes('@opentelemetry/instrumentation-kafkajs is active too');
    expect(isActive).toBe(vendor.startsWith('@sentry/node@9.'));
  },
);

test.each(cases.filter(exportsToSentry))(
  'with $vendor, loaded $order this package, spans go to Sentry, and messages are unchanged',
  async ({ vendor, order }) => {
    const ran = await runOnce(vendor, order);
    expect(ran.end.stdout).toContain(HANDLED);
    expect(ourSpans(ran)).toEqual([]);
    expect(await readBack(ran.orders, 2)).toMatchObject([
      { value: 'one', headers: { own: 'header' } },
      { value: 'two', headers: { own: 'header' } },
    ]);
  },
);

test.each(cases)(
  'a program with $vendor, loaded $order this package, exits as without this package',
  async ({ vendor, order }) => {
    const alone = await runOnce(vendor, 'alone');
    expect(alone.end).toMatchObject({ code: 0, signal: null });
    expect((await runOnce(vendor, order)).end).toEqual(alone.end);
  },
);

/**
 * Vendors with their own Kafka instrumentation: a header that it writes, and the setting on docs/vendors.md that turns
 * it off.
 */
const KAFKA_PARTS: readonly {
  readonly vendors: RegExp;
  readonly header: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly off: Readonly<Record<string, string>>;
  readonly onPage: string;
}[] = [
  {
    vendors: /^dd-trace/,
    header: 'x-datadog-trace-id',
    off: { DD_TRACE_KAFKAJS_ENABLED: 'false' },
    onPage: 'DD_TRACE_KAFKAJS_ENABLED=false',
  },
  {
    vendors: /^@sentry.node@1/,
    header: 'sentry-trace',
    off: { SENTRY_KAFKA: 'off' },
    onPage: "integrations: defaults => defaults.filter(({ name }) => name !== 'Kafka')",
  },
  {
    vendors: /^elastic-apm-node/,
    header: 'tracestate',
    env: { IN_TRANSACTION: '1' },
    off: { ELASTIC_APM_DISABLE_INSTRUMENTATIONS: 'kafkajs' },
    onPage: 'ELASTIC_APM_DISABLE_INSTRUMENTATIONS=kafkajs',
  },
];

test.each(
  KAFKA_PARTS.flatMap(part =>
    VENDORS.filter(vendor => part.vendors.test(vendor)).map(vendor => ({ vendor, ...part })),
  ),
)(
  'the Kafka part of $vendor is active beside this package, and the setting on the page turns it off',
  async ({ vendor, header, env = {}, off, onPage }) => {
    expect(readFileSync(join(projectRoot, 'docs/vendors.md'), 'utf8')).toContain(onPage);
    const headersWith = async (more: Readonly<Record<string, string>>) => {
      const ran = await run(vendor, 'after', { env: { ...env, ...more } });
      expect(ran.end).toMatchObject({ code: 0, stdout: expect.stringContaining(HANDLED) as string });
      expect(ourSpans(ran)).toHaveLength(4);
      const stored = await readBack(ran.orders, 2);
      return stored.map(({ headers }) => Object.keys(headers).sort());
    };
    const first = (await headersWith({}))[0];
    expect(first).toContain(header);
    expect(await headersWith(off)).toEqual([
      ['own', 'traceparent'],
      ['own', 'traceparent'],
    ]);
  },
);

const SIGNAL_EXITS = VENDORS.filter(vendor => vendor.startsWith('signal-exit'));

test.each(
  SIGNAL_EXITS.flatMap(vendor =>
    ORDERS.flatMap(order => (['SIGTERM', 'SIGINT'] as const).map(signal => ({ vendor, order, signal }))),
  ),
)(
  'a program with $vendor, loaded $order this package, is ended by $signal as without this package',
  async ({ vendor, order, signal }) => {
    const alone = await runOnce(vendor, 'alone', signal);
    expect(alone.end).toMatchObject({ code: null, signal });
    expect((await runOnce(vendor, order, signal)).end).toEqual(alone.end);
  },
);
