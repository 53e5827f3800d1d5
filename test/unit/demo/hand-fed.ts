import type { Arrival, Viewer } from '../../../demo/viewer';
import { Measurements } from '../../../demo/viewer/measurements';
import { Traces } from '../../../demo/viewer/traces';
import type { ReceivedMetric, ReceivedSpan } from '../../support/otlp';

export interface HandFed extends Viewer {
  readonly heard: Map<string, number>;
  arrive(spans: readonly ReceivedSpan[]): void;
  measure(metrics: readonly ReceivedMetric[]): void;
}

/** A viewer whose spans and metrics arrive by hand. */
export function handFed(): HandFed {
  const traces = new Traces();
  const measurements = new Measurements();
  const heard = new Map<string, number>();
  const listeners = new Set<(arrival: Arrival) => void>();
  const tell = (services: readonly { readonly service: string }[], arrival: Arrival): void => {
    for (const { service } of services) heard.set(service, Date.now());
    for (const listener of listeners) listener(arrival);
  };
  return {
    url: '',
    get spans() {
      return traces.spans;
    },
    traces,
    measurements,
    heard,
    onArrival(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    until: () => Promise.resolve(false),
    stop: () => Promise.resolve(),
    arrive(spans) {
      tell(spans, { traces: traces.add(spans), seconds: new Set() });
    },
    measure(metrics) {
      tell(metrics, { traces: new Set(), seconds: measurements.add(metrics) });
    },
  };
}
