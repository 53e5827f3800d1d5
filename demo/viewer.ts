import type { ReceivedSpan } from '../test/support/otlp';
import { close, listen } from './viewer/listening';
import { Measurements } from './viewer/measurements';
import { receivingServer } from './viewer/receiving';
import { Traces } from './viewer/traces';

/** What an export brought. */
export interface Arrival {
  /** Ids of the traces that have changed. */
  readonly traces: ReadonlySet<string>;
  /** The seconds whose frames have changed. */
  readonly seconds: ReadonlySet<number>;
}

/** Receives the services' spans and metrics over OTLP/HTTP with JSON, and keeps the latest. */
export interface Viewer {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Spans of all traces that are kept, trace by trace. */
  readonly spans: readonly ReceivedSpan[];
  readonly traces: Traces;
  readonly measurements: Measurements;
  /** When each service was last heard of; Unix time in milliseconds. */
  readonly heard: ReadonlyMap<string, number>;
  /** Calls the listener after each arrival; returns what ends that. */
  onArrival(listener: (arrival: Arrival) => void): () => void;
  /** Waits until the probe is true, asked now and after each arrival; false when it is not so within the time. */
  until(probe: () => boolean, withinMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

const NONE: ReadonlySet<never> = new Set<never>();

export async function startViewer(): Promise<Viewer> {
  const traces = new Traces();
  const measurements = new Measurements();
  const heard = new Map<string, number>();
  const listeners = new Set<(arrival: Arrival) => void>();

  const arrived = (services: readonly { readonly service: string }[], arrival: Arrival): void => {
    for (const { service } of services) heard.set(service, Date.now());
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
    heard,
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
    stop: () => close(server),
  };
}
