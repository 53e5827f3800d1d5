import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard, type Guarded } from '../test/support/kafka/guard';
import { lastLines, readLog, untilReady } from '../test/support/kafka/log';
import { otlpEnvironment, registerPath } from '../test/support/program';
import type { Cleanup } from './cleanup';
import type { Names } from './topics';

const READY = {
  'order-api': /order-api listens on port (\d+)\n/,
  'payment-worker': /payment-worker is ready; change its speed with POST \/speed on port (\d+)\n/,
  'receipt-mailer': /receipt-mailer is ready\n/,
} as const;

type ServiceName = keyof typeof READY;
const SERVICES = Object.keys(READY) as ServiceName[];

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3_000;

export interface ServiceConnections {
  readonly brokers: readonly string[];
  readonly names: Names;
  /** Environment variables that select a client other than kafkajs. */
  readonly client?: Readonly<Record<string, string>>;
  readonly database: Readonly<Record<string, string>>;
  readonly viewer: { readonly url: string };
}

export interface Services {
  readonly ordersUrl: string;
  /** A POST request to this URL changes the delay of the payment worker. */
  readonly speedUrl: string;
  /** Rejects if a service exits unexpectedly. Never resolves. */
  readonly failure: Promise<never>;
}

export async function startServices(connections: ServiceConnections, cleanup: Cleanup): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-otel-demo-'));
  cleanup.add(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const running = SERVICES.map(name => start(name, folder, connections));
  let isStopping = false;
  cleanup.add(async () => {
    isStopping = true;
    await Promise.all(running.map(stop));
  });

  const failure = new Promise<never>((_, reject) => {
    for (const { name, log, process } of running) {
      process.exited.then(status => {
        if (!isStopping) reject(exitError(name, status, log));
      }, reject);
    }
  });
  failure.catch(() => undefined);
  await Promise.all(
    running.map(({ name, log, process }) =>
      untilReady({ name, process, log, ready: READY[name], deadline: READY_TIMEOUT_MS }),
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

function start(name: ServiceName, folder: string, connections: ServiceConnections): Running {
  const log = join(folder, `${name}.log`);
  writeFileSync(log, '');
  const program = join(__dirname, 'services', `${name}.js`);
  const command = [process.execPath, '--require', registerPath, program];
  const env = serviceEnvironment(name, connections, process.env);
  return { name, log, process: guard({ command, cleanup: ['rm', '-rf', folder], log, env }) };
}

/**
 * After SIGTERM, a service leaves its consumer group and exports its last spans. A service that takes too long is
 * killed.
 */
async function stop({ process }: Running): Promise<void> {
  process.signal('SIGTERM');
  const deadline = setTimeout(() => void process.stop(), STOP_TIMEOUT_MS);
  try {
    await process.exited;
  } finally {
    clearTimeout(deadline);
    await process.stop();
  }
}

const exitError = (name: string, status: number, log: string): Error =>
  new Error(`${name} exited with status ${status}; the end of its log:\n${lastLines(readLog(log))}`);

/** Returns the environment variables of a service, including those of the OpenTelemetry SDK. */
export function serviceEnvironment(
  name: ServiceName,
  { brokers, names, client, database, viewer }: ServiceConnections,
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
    // The detector `serviceinstance` sets `service.instance.id`. The page uses this id to tell the members of a group
    // apart.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host,process,serviceinstance',
    // Leave out other instrumentations. Their spans of sockets and files would make the traces hard to read.
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg,kafkajs',
    OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
    ...client,
  };
}

/**
 * Returns the environment of the user without variables that would change the traces. Keeps the options of this
 * package.
 */
function inherited(outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(OTEL_(?!INSTRUMENTATION_KAFKA_)|PG|npm_|JEST_|NODE_OPTIONS$|NODE_ENV$|NODE_PATH$)/;
  return Object.fromEntries(Object.entries(outer).filter(([name]) => !foreign.test(name)));
}
