import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard, type Guarded } from '../test/support/kafka/guard';
import { lastLines, readLog, untilReady } from '../test/support/kafka/log';
import { otlpEnvironment, registerPath } from '../test/support/program';
import type { Closing } from './closing';
import type { Names } from './topics';

/** The line by which each service says that it is ready, and on which port. */
const READY = {
  'order-api': /order-api listens on port (\d+)\n/,
  'payment-worker': /payment-worker is ready; its speed is set on port (\d+)\n/,
  'receipt-mailer': /receipt-mailer is ready\n/,
} as const;

type ServiceName = keyof typeof READY;
const SERVICES = Object.keys(READY) as ServiceName[];

const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 3_000;

export interface Surroundings {
  readonly brokers: readonly string[];
  readonly names: Names;
  readonly database: Readonly<Record<string, string>>;
  readonly viewer: { readonly url: string };
}

export interface Services {
  readonly ordersUrl: string;
  /** Where the payment worker takes how long to dwell on an order. */
  readonly speedUrl: string;
  /** Rejects with the reason when a service ends before it was told to; never resolves. */
  readonly failure: Promise<never>;
}

/** Starts the three services under `--require register`, and waits until each says that it is ready. */
export async function startServices(surroundings: Surroundings, closing: Closing): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-otel-demo-'));
  closing.add(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const running = SERVICES.map(name => start(name, folder, surroundings));
  let leaving = false;
  closing.add(async () => {
    leaving = true;
    await Promise.all(running.map(stop));
  });

  const failure = new Promise<never>((_, reject) => {
    for (const { name, log, process } of running) {
      process.exited.then(status => {
        if (!leaving) reject(ended(name, status, log));
      }, reject);
    }
  });
  failure.catch(() => undefined);
  await Promise.all(
    running.map(({ name, log, process }) =>
      untilReady({ name, process, log, ready: READY[name], deadline: READY_WITHIN_MS }),
    ),
  );
  for (const { process } of running) process.release();

  const urlOf = (name: ServiceName, path: string): string => {
    const port = READY[name].exec(readLog(join(folder, `${name}.log`)))?.[1] ?? '';
    return `http://127.0.0.1:${port}${path}`;
  };
  return { ordersUrl: urlOf('order-api', '/orders'), speedUrl: urlOf('payment-worker', '/speed'), failure };
}

interface Running {
  readonly name: ServiceName;
  readonly log: string;
  readonly process: Guarded;
}

function start(name: ServiceName, folder: string, surroundings: Surroundings): Running {
  const log = join(folder, `${name}.log`);
  writeFileSync(log, '');
  const program = join(__dirname, 'services', `${name}.js`);
  const command = [process.execPath, '--require', registerPath, program];
  const env = serviceEnvironment(name, surroundings, process.env);
  return { name, log, process: guard({ command, cleanup: ['rm', '-rf', folder], log, env }) };
}

/** A consumer that is told leaves its group and flushes its spans; one that does not listen is killed. */
async function stop({ process }: Running): Promise<void> {
  process.signal('SIGTERM');
  const deadline = setTimeout(() => void process.stop(), STOPPED_WITHIN_MS);
  try {
    await process.exited;
  } finally {
    clearTimeout(deadline);
    await process.stop();
  }
}

const ended = (name: string, status: number, log: string): Error =>
  new Error(`${name} ended with status ${status}; the end of its log:\n${lastLines(readLog(log))}`);

/** Everything about OpenTelemetry that the services get to know. */
export function serviceEnvironment(
  name: ServiceName,
  { brokers, names, database, viewer }: Surroundings,
  outer: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const group = name === 'payment-worker' ? names.paymentGroup : names.receiptGroup;
  return {
    ...inherited(outer),
    ...database,
    KAFKA_BROKERS: brokers.join(','),
    ORDERS_TOPIC: names.orders,
    RECEIPTS_TOPIC: names.receipts,
    DEAD_LETTERS_TOPIC: names.deadLetters,
    GROUP_ID: group,
    PORT: '0',
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
    ...otlpEnvironment(viewer, { service: name, metrics: true }),
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_METRIC_EXPORT_TIMEOUT: '1000',
    // Those that the story needs; sockets and files would only clutter it.
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg,kafkajs',
    OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
  };
}

/** The user's environment without what would change the story; our own options go through, to be tried out. */
function inherited(outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(OTEL_(?!INSTRUMENTATION_KAFKAJS_)|PG|npm_|JEST_|NODE_OPTIONS$|NODE_ENV$|NODE_PATH$)/;
  return Object.fromEntries(Object.entries(outer).filter(([name]) => !foreign.test(name)));
}
