import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { decodeTraces, type ReceivedSpan } from '../test/support/otlp';

/** Receives the services' spans over OTLP/HTTP with JSON and keeps the latest traces. */
export interface Viewer {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Spans of all traces that are kept, trace by trace. */
  readonly spans: readonly ReceivedSpan[];
  /** Calls the listener after each arrival of spans; returns what ends that. */
  onArrival(listener: () => void): () => void;
  /** Waits until the probe is true, asked now and after each arrival; false when it is not so within the time. */
  until(probe: () => boolean, withinMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

/** A demo that is left running must not grow for ever. */
const TRACES_KEPT = 500;

/** Groups spans by their trace; the trace that was the first to come is the first to go. */
export class Traces {
  private readonly byId = new Map<string, ReceivedSpan[]>();

  constructor(private readonly limit = TRACES_KEPT) {}

  add(spans: readonly ReceivedSpan[]): void {
    for (const span of spans) {
      const trace = this.byId.get(span.traceId);
      if (trace) trace.push(span);
      else this.byId.set(span.traceId, [span]);
    }
    for (const id of this.byId.keys()) {
      if (this.byId.size <= this.limit) break;
      this.byId.delete(id);
    }
  }

  get spans(): ReceivedSpan[] {
    return [...this.byId.values()].flat();
  }
}

export async function startViewer(): Promise<Viewer> {
  const traces = new Traces();
  const listeners = new Set<() => void>();
  const server = createServer((request, response) => {
    receive(request, response).catch((error: unknown) => {
      answer(response, 400, { message: String(error) });
    });
  });

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/v1/traces') {
      answer(response, 404, { message: 'traces go to /v1/traces' });
      return;
    }
    traces.add(decodeTraces(JSON.parse(await text(request))));
    answer(response, 200, {});
    for (const listener of listeners) listener();
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });

  const onArrival = (listener: () => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get spans() {
      return traces.spans;
    },
    onArrival,
    until(probe, withinMs) {
      return new Promise(resolve => {
        const settle = (seen: boolean) => {
          clearTimeout(deadline);
          off();
          resolve(seen);
        };
        const deadline = setTimeout(settle, withinMs, false);
        const off = onArrival(() => {
          if (probe()) settle(true);
        });
        if (probe()) settle(true);
      });
    },
    stop() {
      return new Promise(resolve => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
