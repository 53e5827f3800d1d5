import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { isSuppressed } from '../runtime';

/** The HTTP requests by which telemetry leaves the process. */
export interface ExportRequests {
  /** Requests started so far. */
  readonly started: number;
  /** Requests without an answer yet. */
  readonly inFlight: number;
  /** Whether the latest answer was an error, after which an exporter waits at least a second before it tries again. */
  readonly failing: boolean;
  /** Calls back each time that no request is in flight any more. Returns the way to stop. */
  onIdle(listener: () => void): () => void;
}

/**
 * Watches the exporters' requests, known by the suppressed tracing that they run under, and takes the event loop out of their hands: a
 * collector that never answers must not keep a finished program alive. Whoever flushes holds the loop itself, for a bounded time.
 */
export function watchExportRequests(): ExportRequests {
  const state = { started: 0, inFlight: 0, failing: false };
  const listeners = new Set<() => void>();

  subscribe('http.client.request.start', message => {
    if (!isSuppressed()) return;
    const { request } = message as { request: ClientRequest };
    state.started += 1;
    state.inFlight += 1;
    request
      .once('response', ({ statusCode = 0 }: IncomingMessage) => {
        state.failing = statusCode >= 400;
      })
      .once('error', () => {
        state.failing = true;
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
    onIdle(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
