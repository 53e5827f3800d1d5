import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { isSuppressed } from '../runtime';
import { describe } from './logging';

/** The HTTP requests by which telemetry leaves the process. */
export interface ExportRequests {
  /** Requests started so far. */
  readonly started: number;
  /** Requests without an answer yet. */
  readonly inFlight: number;
  /** Whether the latest answer was an error, after which an exporter waits at least a second before it tries again. */
  readonly failing: boolean;
  /** What went wrong with the latest request to a URL that ends with this path; `undefined` if nothing did, or none was made. */
  problemAt(path: string): string | undefined;
  /** Calls back each time that no request is in flight any more. Returns the way to stop. */
  onIdle(listener: () => void): () => void;
}

/**
 * Watches the exporters' requests, known by the suppressed tracing that they run under, and takes the event loop out of their hands: a
 * collector that never answers must not keep a finished program alive. Whoever flushes holds the loop itself, for a bounded time.
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
        problems.set(url, `${url}: ${describe(error)}`);
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

/** Without the query, which may hold a key. */
function urlOf(request: ClientRequest): string {
  const host = request.getHeader('host') ?? request.host;
  const [path = ''] = request.path.split('?');
  return `${request.protocol}//${String(host)}${path}`;
}
