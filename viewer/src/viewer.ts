import type { ReceivedSpan } from './otlp/decode';
import { close, listen } from './listening';
import { Measurements } from './store/measurements';
import { receivingServer } from './otlp/receiving';
import { Traces } from './store/traces';

/** What changed when a service exported data. */
export interface Arrival {
  /** Ids of the traces that changed. */
  readonly traces: ReadonlySet<string>;
  /** The seconds whose chart values changed. */
  readonly seconds: ReadonlySet<number>;
}

/** Receives spans and metrics from the services over OTLP/HTTP (JSON) and stores the latest ones. */
export interface Viewer {
  /** Value for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Spans of all stored traces, grouped by trace. */
  readonly spans: readonly ReceivedSpan[];
  readonly traces: Traces;
  readonly measurements: Measurements;
  /** The last time each service sent data; Unix time in milliseconds. */
  readonly lastSeen: ReadonlyMap<string, number>;
  /** Calls the listener whenever data arrives. Returns a function that removes the listener. */
  onArrival(listener: (arrival: Arrival) => void): () => void;
  /** Waits until `probe` returns true. Calls `probe` now and whenever data arrives. Resolves with false after the time limit. */
  until(probe: () => boolean, withinMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

const NONE: ReadonlySet<never> = new Set<never>();

export async function startViewer(): Promise<Viewer> {
  const traces = new Traces();
  const measurements = new Measurements();
  const lastSeen = new Map<string, number>();
  const listeners = new Set<(arrival: Arrival) => void>();

  const arrived = (services: readonly { readonly service: string }[], arrival: Arrival): void => {
    for (const { service } of services) lastSeen.set(service, Date.now());
    for (const listener of listeners) listener(arrival);
  };
  const server = receivingServer({
    spans(spans) {
      arrived(spans, { traces: traces.add(spans), seconds: NONE });
    },
    metrics(metrics) {
      arrived(metrics, { traces: NONE, seconds: measurements.add(metrics) });
    },
  });
  const url = await listen(server);

  const onArrival = (listener: (arrival: Arrival) => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };

  return {
    url,
    get spans() {
      return traces.spans;
    },
    traces,
    measurements,
    lastSeen,
    onArrival,
    until(probe, withinMs) {
      return new Promise(resolve => {
        const finish = (seen: boolean) => {
          clearTimeout(deadline);
          stopListening();
          resolve(seen);
        };
        const deadline = setTimeout(finish, withinMs, false);
        const stopListening = onArrival(() => {
          if (probe()) finish(true);
        });
        if (probe()) finish(true);
      });
    },
    stop: () => close(server),
  };
}
