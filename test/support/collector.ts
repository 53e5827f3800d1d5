import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { watchMetrics, watchSpans } from '../conformance/watch';
import {
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  type ReceivedLog,
  type ReceivedMetric,
  type ReceivedSpan,
} from './otlp';

/**
 * What the collector does with requests:
 * - `accept`: stores the data
 * - `hang`: never answers
 * - `refuse`: closes the port, so that connections fail
 * - a number: answers with this HTTP status and drops the data
 */
export type CollectorBehaviour = 'accept' | 'hang' | 'refuse' | number;

export interface Collector {
  /** URL for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Everything received until now, in order of arrival. */
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: readonly ReceivedMetric[];
  readonly logs: readonly ReceivedLog[];
  /** Paths of all requests, also of failed requests. */
  readonly requests: readonly string[];
  /**
   * Calls `probe` after each request and resolves with the first result that is not `undefined` or `false`. Rejects
   * after `deadlineMs` (default 60 s) with an error that contains `what` and a list of everything received.
   */
  waitFor<T>(what: string, probe: () => T | undefined | false, deadlineMs?: number): Promise<T>;
  /** Waits for a number of spans, or until `wanted` returns true for the received spans. Resolves with all spans. */
  waitForSpans(
    wanted: number | ((spans: readonly ReceivedSpan[]) => boolean),
    deadlineMs?: number,
  ): Promise<readonly ReceivedSpan[]>;
  /** Waits for a span with this name, or for a span that the function accepts. */
  waitForSpan(wanted: string | ((span: ReceivedSpan) => boolean), deadlineMs?: number): Promise<ReceivedSpan>;
  /** Waits for an export of this metric that `accepts` accepts. By default, any export is accepted. */
  waitForMetric(
    name: string,
    accepts?: (metric: ReceivedMetric) => boolean,
    deadlineMs?: number,
  ): Promise<ReceivedMetric>;
  clear(): void;
  close(): Promise<void>;
}

export interface CollectorOptions {
  /** Default: `accept`. */
  readonly behaviour?: CollectorBehaviour;
}

interface Waiter {
  /** Called when data arrives. Returns true if the promise of this waiter is settled. */
  check(): boolean;
  abandon(reason: Error): void;
}

/** Long enough for the start of a program on a busy machine. */
const DEFAULT_DEADLINE_MS = 60_000;

/**
 * Starts an OTLP/HTTP server on a free port. The server reads only JSON, so programs must set
 * `OTEL_EXPORTER_OTLP_PROTOCOL=http/json`.
 */
export async function startCollector({ behaviour = 'accept' }: CollectorOptions = {}): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const metrics: ReceivedMetric[] = [];
  const logs: ReceivedLog[] = [];
  const requests: string[] = [];
  const refused: string[] = [];
  const waiters = new Set<Waiter>();

  const stores: Readonly<Record<string, (body: unknown) => void>> = {
    '/v1/traces': body => {
      const received = decodeTraces(body);
      watchSpans(url, received);
      spans.push(...received);
    },
    '/v1/metrics': body => {
      const received = decodeMetrics(body);
      watchMetrics(received);
      metrics.push(...received);
    },
    '/v1/logs': body => logs.push(...decodeLogs(body)),
  };

  const server = createServer((request, response) => {
    receive(request, response).catch((reason: unknown) => {
      refused.push(`${request.method ?? ''} ${request.url ?? ''}: ${String(reason)}`);
      answer(response, 400, String(reason));
    });
  });

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const body = await readBody(request);
    requests.push(path);
    if (behaviour === 'accept') {
      const store = stores[path];
      if (!store) throw new Error(`unknown path; expected one of ${Object.keys(stores).join(', ')}`);
      store(parse(request, body));
      answer(response, 200, '{}');
    } else if (typeof behaviour === 'number') {
      answer(response, behaviour, '{}');
    }
    for (const waiter of waiters) if (waiter.check()) waiters.delete(waiter);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const stop = () =>
    new Promise<void>(resolve => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  if (behaviour === 'refuse') await stop();

  const listing = () =>
    [
      `${spans.length} spans:`,
      ...spans.map(span => `  ${span.service}: ${span.name} (${span.kind}, ${span.scope})`),
      `${metrics.length} metrics: ${[...new Set(metrics.map(metric => metric.name))].join(', ')}`,
      `${logs.length} logs, ${requests.length} requests`,
      ...refused.map(line => `  refused ${line}`),
    ].join('\n');

  function waitFor<T>(
    what: string,
    probe: () => T | undefined | false,
    deadlineMs = DEFAULT_DEADLINE_MS,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        check() {
          try {
            const found = probe();
            if (found === undefined || found === false) return false;
            resolve(found);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
          clearTimeout(deadline);
          return true;
        },
        abandon(reason) {
          clearTimeout(deadline);
          reject(reason);
        },
      };
      const deadline = setTimeout(() => {
        waiters.delete(waiter);
        reject(
          new Error(`${what} did not arrive within ${deadlineMs} ms. The collector received\n${listing()}`),
        );
      }, deadlineMs);
      if (!waiter.check()) waiters.add(waiter);
    });
  }

  return {
    url,
    spans,
    metrics,
    logs,
    requests,
    waitFor,
    waitForSpans(wanted, deadlineMs) {
      const enough = typeof wanted === 'number' ? () => spans.length >= wanted : () => wanted(spans);
      const what = typeof wanted === 'number' ? `${wanted} spans` : 'the expected spans';
      return waitFor(what, () => enough() && [...spans], deadlineMs);
    },
    waitForSpan(wanted, deadlineMs) {
      const accepts = typeof wanted === 'string' ? (span: ReceivedSpan) => span.name === wanted : wanted;
      const what = typeof wanted === 'string' ? `a span named "${wanted}"` : 'the expected span';
      return waitFor(what, () => spans.find(accepts), deadlineMs);
    },
    waitForMetric(name, accepts = () => true, deadlineMs) {
      const fits = (metric: ReceivedMetric) => metric.name === name && accepts(metric);
      return waitFor(`the metric "${name}"`, () => metrics.find(fits), deadlineMs);
    },
    clear() {
      for (const received of [spans, metrics, logs, requests, refused]) received.length = 0;
    },
    async close() {
      for (const waiter of waiters)
        waiter.abandon(
          new Error(
            `the collector was closed while a test waited for data. The collector received\n${listing()}`,
          ),
        );
      waiters.clear();
      await stop();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function parse(request: IncomingMessage, body: Buffer): unknown {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('application/json')) {
    throw new Error(
      `this collector accepts OTLP/JSON only, got "${type}"; set OTEL_EXPORTER_OTLP_PROTOCOL=http/json`,
    );
  }
  return JSON.parse(body.toString('utf8'));
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}
