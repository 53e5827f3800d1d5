import type { ReceivedSpan } from '../../test/support/otlp';

/** A demo that is left running must not grow for ever. */
const TRACES_KEPT = 500;
/** Of a trace that is larger, the first spans are kept. */
const SPANS_KEPT = 1_000;
/** Spans of a trace that has gone may come for as long as its messages wait in a topic. */
const GONE_REMEMBERED = 20_000;

/** Groups spans by their trace; the trace that was the first to come is the first to go, and does not come back in part. */
export class Traces {
  private readonly byId = new Map<string, ReceivedSpan[]>();
  private readonly gone = new Set<string>();

  constructor(private readonly limit = TRACES_KEPT) {}

  /** @returns the ids of the traces that have changed. */
  add(spans: readonly ReceivedSpan[]): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const span of spans) {
      const { traceId } = span;
      if (this.gone.has(traceId)) continue;
      const trace = this.byId.get(traceId);
      if (trace === undefined) this.byId.set(traceId, [span]);
      else if (trace.length < SPANS_KEPT) trace.push(span);
      changed.add(traceId);
    }
    for (const id of this.byId.keys()) {
      if (this.byId.size <= this.limit) break;
      this.byId.delete(id);
      this.gone.add(id);
      changed.delete(id);
    }
    for (const id of this.gone) {
      if (this.gone.size <= GONE_REMEMBERED) break;
      this.gone.delete(id);
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
