import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { isSuppressed } from '../runtime';
import { toOneLine } from './logging';

/** The HTTP requests that send telemetry. */
export interface ExportRequests {
  readonly started: number;
  /** Requests that have no response yet. */
  readonly inFlight: number;
  /** Whether the latest request failed. The exporter may repeat this request, but only after a second or more. */
  readonly failing: boolean;
  /**
   * True during the last flush of the process. This flush reports failures itself, so other code must not report them.
   */
  readonly isLastFlush: boolean;
  /** Call this when a last flush begins. Call the returned function when that flush ends. Flushes may overlap. */
  beginLastFlush(): () => void;
  /**
   * The problem of the URL that ends with this path. `undefined` if its latest request succeeded, or if there was none.
   */
  problemAt(path: string): string | undefined;
  /** The problems of all addresses. A request without an answer so far is a problem too. */
  problems(): readonly ExportProblem[];
  /**
   * Returns the failures that are not reported yet, at most one per address, and marks them as reported. A successful
   * request to the address removes the mark.
   */
  takeUnreported(): readonly ExportProblem[];
  /**
   * True if a failure of the URL that ends with this path was reported, and no request to the URL has succeeded since.
   */
  isReported(path: string): boolean;
  /** Calls the listener each time the last request in flight ends. @returns a function that removes the listener */
  onIdle(listener: () => void): () => void;
}

/** The kind of telemetry that a URL receives. `telemetry` is used if the path names none of the other three kinds. */
type SignalName = 'spans' | 'metrics' | 'log records' | 'telemetry';

export interface ExportProblem {
  readonly signal: SignalName;
  readonly problem: string;
}

const SIGNALS: Readonly<Record<string, SignalName>> = {
  traces: 'spans',
  metrics: 'metrics',
  logs: 'log records',
};

function signalOf(url: string): SignalName {
  const [, name = ''] = /\/v1\/(\w+)$/.exec(url) ?? [];
  return SIGNALS[name] ?? 'telemetry';
}

/**
 * Watches the HTTP requests of exporters: the requests that start while tracing is suppressed. Unrefs their sockets, so
 * that a program can end even if the collector never responds.
 */
export function watchExportRequests(): ExportRequests {
  const state = { started: 0, inFlight: 0, failing: false };
  const problems = new Map<string, string>();
  /** Addresses whose latest finished request failed. */
  const failures = new Map<string, { readonly problem: string; isReported: boolean }>();
  const lastFlushes = new Set<symbol>();
  const listeners = new Set<() => void>();

  function onFailure(url: string, problem: string): void {
    problems.set(url, problem);
    failures.set(url, { problem, isReported: failures.get(url)?.isReported ?? false });
  }

  function watch(request: ClientRequest): void {
    const url = urlOf(request);
    const unanswered = `no answer from ${url}`;
    let hasTimedOut = false;
    state.started += 1;
    state.inFlight += 1;
    problems.set(url, unanswered);
    request
      .once('response', ({ statusCode = 0, statusMessage = '' }: IncomingMessage) => {
        state.failing = statusCode >= 400;
        if (state.failing) {
          onFailure(url, `${url} answered ${statusCode} ${statusMessage}`.trimEnd());
        } else {
          problems.delete(url);
          failures.delete(url);
        }
      })
      .once('timeout', () => {
        hasTimedOut = true;
      })
      .once('error', error => {
        state.failing = true;
        // After a timeout, the exporter aborts the request. The error of the abort is less clear than `unanswered`.
        onFailure(url, hasTimedOut ? unanswered : `${url}: ${toOneLine(error)}`);
      })
      .once('close', () => {
        state.inFlight -= 1;
        if (state.inFlight === 0) for (const listener of listeners) listener();
      });
    if (request.socket) request.socket.unref();
    else request.once('socket', socket => socket.unref());
  }

  subscribe('http.client.request.start', message => {
    if (isSuppressed()) watch((message as { request: ClientRequest }).request);
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
      for (const [url, problem] of problems)
        if (url.endsWith(path)) return failures.get(url)?.problem ?? problem;
      return undefined;
    },
    get isLastFlush() {
      return lastFlushes.size > 0;
    },
    beginLastFlush() {
      const flush = Symbol('last flush');
      lastFlushes.add(flush);
      return () => lastFlushes.delete(flush);
    },
    problems: () => [...problems].map(([url, problem]) => ({ signal: signalOf(url), problem })),
    takeUnreported: () =>
      [...failures].flatMap(([url, failure]) => {
        if (failure.isReported) return [];
        failure.isReported = true;
        return { signal: signalOf(url), problem: failure.problem };
      }),
    isReported: path => [...failures].some(([url, failure]) => failure.isReported && url.endsWith(path)),
    onIdle(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The query is left out, because it may contain an API key. */
function urlOf(request: ClientRequest): string {
  const host = request.getHeader('host') ?? request.host;
  const [path = ''] = request.path.split('?');
  return `${request.protocol}//${String(host)}${path}`;
}
