import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { isSuppressed } from '../runtime';
import { toOneLine } from './logging';

/** The HTTP requests that send telemetry. */
export interface ExportRequests {
  /** Requests started so far. */
  readonly started: number;
  /** Requests that have no response yet. */
  readonly inFlight: number;
  /** Whether the latest request failed. An exporter waits at least a second before it retries. */
  readonly failing: boolean;
  /** Why the latest request to a URL that ends with this path failed. `undefined` if it succeeded or there was none. */
  problemAt(path: string): string | undefined;
  /** Calls the listener each time the last request in flight ends. @returns removes the listener */
  onIdle(listener: () => void): () => void;
}

/**
 * Watches the exporters' requests, which run with tracing suppressed, and unrefs their sockets: if a collector never responds,
 * a finished program must still end. A flush keeps the process alive with its own timer.
 */
export function watchExportRequests(): ExportRequests {
  const state = { started: 0, inFlight: 0, failing: false };
  const problems = new Map<string, string>();
  const listeners = new Set<() => void>();

  subscribe('http.client.request.start', message => {
    if (!isSuppressed()) return;
    const { request } = message as { request: ClientRequest };
    const url = urlOf(request);
    state.started += 1;
    state.inFlight += 1;
    problems.set(url, `no answer from ${url}`);
    request
      .once('response', ({ statusCode = 0, statusMessage = '' }: IncomingMessage) => {
        state.failing = statusCode >= 400;
        if (state.failing) problems.set(url, `${url} answered ${statusCode} ${statusMessage}`.trimEnd());
        else problems.delete(url);
      })
      .once('error', error => {
        state.failing = true;
        problems.set(url, `${url}: ${toOneLine(error)}`);
      })
      .once('close', () => {
        state.inFlight -= 1;
        if (state.inFlight === 0) for (const listener of listeners) listener();
      });
    if (request.socket) request.socket.unref();
    else request.once('socket', socket => socket.unref());
  });

  return {
    get started() {
      return state.started;
    },
    get inFlight() {
      return state.inFlight;
    },
    get failing() {
      return state.failing;
    },
    problemAt(path) {
      for (const [url, problem] of problems) if (url.endsWith(path)) return problem;
      return undefined;
    },
    onIdle(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Without the query, which may contain a key. */
function urlOf(request: ClientRequest): string {
  const host = request.getHeader('host') ?? request.host;
  const [path = ''] = request.path.split('?');
  return `${request.protocol}//${String(host)}${path}`;
}
