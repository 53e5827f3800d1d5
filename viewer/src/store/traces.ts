import type { ReceivedSpan } from '../otlp/decode';

/** Maximum number of stored traces. Limits the memory of a demo that keeps running. */
const TRACES_KEPT = 500;
/** Maximum number of stored spans per trace. Later spans are dropped. */
const SPANS_KEPT = 1_000;
/** Number of removed traces to remember. Their spans can still arrive, because messages may wait in a topic for a long time. */
const EVICTED_IDS_KEPT = 20_000;

/** Groups spans by trace. When there are too many traces, removes the oldest one and drops its late spans. */
export class Traces {
  private readonly byId = new Map<string, ReceivedSpan[]>();
  private readonly evicted = new Set<string>();

  constructor(private readonly limit = TRACES_KEPT) {}

  /** Adds spans. @returns the ids of the changed traces */
  add(spans: readonly ReceivedSpan[]): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const span of spans) {
      const { traceId } = span;
      if (this.evicted.has(traceId)) continue;
      const trace = this.byId.get(traceId);
      if (trace === undefined) this.byId.set(traceId, [span]);
      else if (trace.length < SPANS_KEPT) trace.push(span);
      changed.add(traceId);
    }
    for (const id of this.byId.keys()) {
      if (this.byId.size <= this.limit) break;
      this.byId.delete(id);
      this.evicted.add(id);
      changed.delete(id);
    }
    for (const id of this.evicted) {
      if (this.evicted.size <= EVICTED_IDS_KEPT) break;
      this.evicted.delete(id);
    }
    return changed;
  }

  of(id: string): readonly ReceivedSpan[] | undefined {
    return this.byId.get(id);
  }

  get ids(): readonly string[] {
    return [...this.byId.keys()];
  }

  get spans(): ReceivedSpan[] {
    return [...this.byId.values()].flat();
  }
}
