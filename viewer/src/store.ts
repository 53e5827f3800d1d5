import type { ReceivedLog, ReceivedMetric, ReceivedSpan } from './otlp/decode';
import { Measurements } from './store/measurements';
import { DEFAULT_SPAN_LIMIT, Traces } from './store/traces';

export interface Arrival {
  readonly traces: ReadonlySet<string>;
  /** The seconds whose chart values changed. */
  readonly seconds: ReadonlySet<number>;
}

const NONE: ReadonlySet<never> = new Set<never>();
const MAX_SERVICES = 1_000;
const MAX_REFUSALS = 20;

export class Store {
  readonly traces: Traces;
  readonly measurements = new Measurements();
  /** When each service last sent data, in milliseconds of Unix time. */
  readonly lastSeen = new Map<string, number>();
  private readonly listeners = new Set<(arrival: Arrival) => void>();
  private readonly refusals = new Set<string>();
  /** Called once for each reason why requests of exporters are refused. */
  onRefusal: (text: string) => void = () => undefined;

  constructor({ spanLimit = DEFAULT_SPAN_LIMIT }: { readonly spanLimit?: number } = {}) {
    this.traces = new Traces(spanLimit);
  }

  /** All stored spans. Slow, because all traces are visited. */
  get spans(): readonly ReceivedSpan[] {
    return this.traces.spans;
  }

  addSpans(spans: readonly ReceivedSpan[]): void {
    const traces = this.traces.add(spans);
    const seconds = this.measurements.addSpans(spans, ({ traceId, parentSpanId }) =>
      parentSpanId === undefined ? undefined : this.traces.find(traceId, parentSpanId),
    );
    this.arrived(spans, { traces, seconds });
  }

  addMetrics(metrics: readonly ReceivedMetric[]): void {
    this.arrived(metrics, { traces: NONE, seconds: this.measurements.add(metrics) });
  }

  addLogs(logs: readonly ReceivedLog[]): void {
    this.arrived(logs, { traces: this.traces.addLogs(logs), seconds: NONE });
  }

  refused(text: string): void {
    if (this.refusals.has(text) || this.refusals.size >= MAX_REFUSALS) return;
    this.refusals.add(text);
    this.onRefusal(text);
  }

  /** Calls the listener whenever data arrives. Returns a function that removes the listener. */
  onArrival(listener: (arrival: Arrival) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /**
   * Waits until `probe` returns true. Calls `probe` now and whenever data arrives. Resolves with false after the time
   * limit.
   */
  until(probe: () => boolean, withinMs: number): Promise<boolean> {
    return new Promise(resolve => {
      const finish = (seen: boolean) => {
        clearTimeout(deadline);
        stopListening();
        resolve(seen);
      };
      const deadline = setTimeout(finish, withinMs, false);
      const stopListening = this.onArrival(() => {
        if (probe()) finish(true);
      });
      if (probe()) finish(true);
    });
  }

  private arrived(from: readonly { readonly service: string }[], arrival: Arrival): void {
    const now = Date.now();
    for (const { service } of from)
      if (this.lastSeen.size < MAX_SERVICES || this.lastSeen.has(service)) this.lastSeen.set(service, now);
    for (const listener of this.listeners) listener(arrival);
  }
}
