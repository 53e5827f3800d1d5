import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { guard } from '../kafka/guard';
import { NotReady, untilReady } from '../kafka/log';
import { freePorts } from '../kafka/ports';
import { findPrometheus } from './find';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Alert {
  readonly name: string;
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A real Prometheus that scrapes metrics from the test. */
export interface Prometheus {
  readonly url: string;
  /**
   * Runs a query for the current time.
   *
   * @throws Error with the message of Prometheus if the query is invalid
   */
  query(expression: string): Promise<readonly Sample[]>;
  labelValues(label: string, matching?: string): Promise<readonly string[]>;
  /** Looks only at the last hour. */
  series(matching: string): Promise<readonly Sample['labels'][]>;
  alerts(): Promise<readonly Alert[]>;
  /**
   * Repeats `ask` until `accepts` returns true for the answer. After `deadlineMs` (default 20 s), rejects with the last
   * answer.
   */
  until<T>(ask: () => Promise<T>, accepts: (answer: T) => boolean, deadlineMs?: number): Promise<T>;
  readonly scraped: () => Promise<unknown>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** Returns the metrics in Prometheus's text format. Called at each scrape. */
  readonly expose: () => string;
  readonly rules?: string;
  /** Queries ignore a series whose last value is older than this. Default `5m`, as in Prometheus. */
  readonly lookback?: string;
  /** Path of Prometheus. Default: {@link findPrometheus}. */
  readonly program?: string;
  readonly args?: readonly string[];
  /** Additional settings for the configuration file. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Interval of scrapes and of rule evaluations, short enough for tests that take seconds. */
const INTERVAL = '500ms';
const READY_WITHIN_MS = 30_000;
const ATTEMPTS = 3;

/**
 * Starts Prometheus on a free port without stored data, in about 1 s. Prometheus ends with `stop()` or with this
 * process.
 */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      const portTaken = error instanceof NotReady && error.log.includes('address already in use');
      if (!portTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnce(options: PrometheusOptions): Promise<Prometheus> {
  const { rules, expose, lookback = '5m', settings, args = [] } = options;
  const program = options.program ?? findPrometheus().prometheus;
  const folder = mkdtempSync(join(tmpdir(), 'kafka-otel-prometheus-'));
  const at = (name: string): string => join(folder, name);
  const exposed = await serve(expose);
  const [port = 0] = await freePorts(1);
  writeFileSync(at('log'), '');
  if (rules !== undefined) writeFileSync(at('rules.yaml'), rules);
  const scrape = {
    job_name: 'exposed',
    // Keep the labels that the test exposes. Prometheus would replace some of them.
    honor_labels: true,
    static_configs: [{ targets: [`127.0.0.1:${exposed.port}`] }],
  };
  writeFileSync(
    at('prometheus.yaml'),
    stringify({
      global: { scrape_interval: INTERVAL, scrape_timeout: INTERVAL, evaluation_interval: INTERVAL },
      rule_files: rules === undefined ? [] : ['rules.yaml'],
      scrape_configs: [scrape],
      ...settings,
    }),
  );
  const process = guard({
    command: [
      program,
      `--config.file=${at('prometheus.yaml')}`,
      `--storage.tsdb.path=${at('data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--query.lookback-delta=${lookback}`,
      ...args,
    ],
    cleanup: ['rm', '-rf', folder],
    log: at('log'),
  });
  const stop = async (): Promise<void> => {
    await process.stop();
    await exposed.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const ready = /Server is ready to receive web requests/;
    await untilReady({ name: 'Prometheus', process, log: at('log'), ready, deadline: READY_WITHIN_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  process.release();
  return { ...clientOf(`http://127.0.0.1:${port}`, exposed.scraped), stop };
}

interface Exposed {
  readonly port: number;
  readonly scraped: () => Promise<unknown>;
  close(): Promise<void>;
}

async function serve(expose: () => string): Promise<Exposed> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(expose());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    scraped: () => once(server, 'request'),
    close: () =>
      new Promise(resolve => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

interface Answer<T> {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data: T;
}

interface InstantVector {
  readonly resultType: string;
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
  }[];
}

function clientOf(url: string, scraped: () => Promise<unknown>): Omit<Prometheus, 'stop'> {
  async function ask<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const answer = (await response.json()) as Answer<T>;
    if (answer.status !== 'success')
      throw new Error(`Prometheus rejects ${JSON.stringify(parameters)}: ${answer.error ?? ''}`);
    return answer.data;
  }
  return {
    url,
    scraped,
    async query(expression) {
      const { result } = await ask<InstantVector>('query', { query: expression });
      return result.map(({ metric, value: [, text] }) => ({ labels: metric, value: numberOf(text) }));
    },
    labelValues: (label, matching) =>
      ask(`label/${label}/values`, matching === undefined ? {} : { 'match[]': matching }),
    series: matching => ask('series', { 'match[]': matching }),
    async alerts() {
      const { alerts } = await ask<{ readonly alerts: readonly Omit<Alert, 'name'>[] }>('alerts', {});
      return alerts.map(alert => ({ ...alert, name: alert.labels['alertname'] ?? '' }));
    },
    async until(question, accepts, deadlineMs = 20_000) {
      const deadline = performance.now() + deadlineMs;
      for (;;) {
        const answer = await question();
        if (accepts(answer)) return answer;
        if (performance.now() > deadline)
          throw new Error(
            `Prometheus did not return the expected answer within ${deadlineMs} ms; the last answer was ${JSON.stringify(answer)}`,
          );
        // The answer cannot change before the next scrape.
        await scraped();
      }
    },
  };
}

const numberOf = (text: string): number =>
  text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
