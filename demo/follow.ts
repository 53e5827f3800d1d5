import type { ReceivedSpan } from '../viewer/src/otlp/decode';
import { faultOf, orderIdOf, spansOfOrder } from './expectations';
import type { Names } from './topics';
import type { Store } from '../viewer/src/store';
import { trim } from '../viewer/src/store/trim';

export type Show = (title: string, traceIds: ReadonlySet<string>) => void;

/**
 * Maximum number of incomplete traces at a time. With more traces, the terminal prints none of them, because the page
 * is easier to read.
 */
const MAX_PENDING = 8;
const SILENT_MS = 5_000;
/** Number of printed traces to remember, so that late spans do not print their trace again. */
const MAX_REMEMBERED = 20_000;

/**
 * Prints every new trace once: when it is complete, or at the time limit if it is still incomplete. Prints nothing
 * while many traces arrive at once.
 *
 * @returns a function that stops the printing
 */
export function follow(store: Store, names: Names, show: Show, withinMs: number): () => void {
  const done = new Set(store.spans.map(({ traceId }) => traceId));
  const deadlines = new Map<string, NodeJS.Timeout>();
  let silentUntil = 0;

  const showNew = (title: string, ids: Iterable<string>): void => {
    const unseen = new Set([...ids].filter(id => !done.has(id)));
    for (const id of unseen) {
      done.add(id);
      clearTimeout(deadlines.get(id));
      deadlines.delete(id);
    }
    show(title, unseen);
  };

  const stopShowing = (): void => {
    for (const [id, deadline] of deadlines) {
      clearTimeout(deadline);
      done.add(id);
    }
    deadlines.clear();
    show('Many orders at once: their traces are on the page.', new Set());
  };

  const stop = store.onArrival(() => {
    const { spans } = store;
    for (const id of new Set(spans.map(({ traceId }) => traceId))) {
      if (done.has(id)) continue;
      const complete = Date.now() < silentUntil ? undefined : completeTraces(id, spans, names);
      if (complete) showNew(complete.title, complete.ids);
      else if (deadlines.has(id)) continue;
      else if (deadlines.size < MAX_PENDING && Date.now() >= silentUntil)
        deadlines.set(id, setTimeout(showNew, withinMs, 'An incomplete trace', [id]).unref());
      else {
        if (Date.now() >= silentUntil) stopShowing();
        silentUntil = Date.now() + SILENT_MS;
        done.add(id);
      }
    }
    trim(done, MAX_REMEMBERED);
  });
  return () => {
    stop();
    for (const deadline of deadlines.values()) clearTimeout(deadline);
  };
}

interface TitledTraces {
  readonly title: string;
  readonly ids: Iterable<string>;
}

/** Returns the traces of the order that this trace belongs to. Undefined until all of them are complete. */
export function completeTraces(
  traceId: string,
  spans: readonly ReceivedSpan[],
  names: Names,
): TitledTraces | undefined {
  const trace = spans.filter(span => span.traceId === traceId);
  const id = orderIdOf(trace, names);
  if (id !== undefined) {
    const outcome = (['paid', 'declined'] as const).find(
      wanted => faultOf({ id, outcome: wanted }, spans, names) === undefined,
    );
    if (outcome === undefined) return undefined;
    const ids = new Set(spansOfOrder(id, spans, names).map(span => span.traceId));
    return { title: outcome === 'paid' ? 'A new order' : 'A new order whose card is declined', ids };
  }
  // The root span of a request is exported after its send spans. A trace with a root span and without send spans is
  // therefore complete: the request placed no order.
  const request = trace.find(({ kind, parentSpanId }) => kind === 'SERVER' && parentSpanId === undefined);
  return request ? { title: 'A request that placed no order', ids: [traceId] } : undefined;
}
