import type { Arrival, Viewer } from '../../../viewer/src/viewer';
import { Measurements } from '../../../viewer/src/store/measurements';
import { Traces } from '../../../viewer/src/store/traces';
import type { ReceivedMetric, ReceivedSpan } from '../../support/otlp';

export interface HandFed extends Viewer {
  readonly lastSeen: Map<string, number>;
  arrive(spans: readonly ReceivedSpan[]): void;
  measure(metrics: readonly ReceivedMetric[]): void;
}

/** A viewer that gets its spans and metrics from the test instead of over HTTP. */
export function handFed(): HandFed {
  const traces = new Traces();
  const measurements = new Measurements();
  const lastSeen = new Map<string, number>();
  const listeners = new Set<(arrival: Arrival) => void>();
  const notify = (services: readonly { readonly service: string }[], arrival: Arrival): void => {
    for (const { service } of services) lastSeen.set(service, Date.now());
    for (const listener of listeners) listener(arrival);
  };
  return {
    url: '',
    get spans() {
      return traces.spans;
    },
    traces,
    measurements,
    lastSeen,
    onArrival(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    until: () => Promise.resolve(false),
    stop: () => Promise.resolve(),
    arrive(spans) {
      notify(spans, { traces: traces.add(spans), seconds: new Set() });
    },
    measure(metrics) {
      notify(metrics, { traces: new Set(), seconds: measurements.add(metrics) });
    },
  };
}
