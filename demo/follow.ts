import type { ReceivedSpan } from '../test/support/otlp';
import { faultOf, orderIdOf, spansOfOrder } from './expectations';
import type { Names } from './topics';
import type { Viewer } from './viewer';

/** Shows traces under a title. */
export type Show = (title: string, traceIds: ReadonlySet<string>) => void;

/** With more pending traces than this, the terminal shows none of them: the page is better for that. */
const MAX_PENDING = 8;
const SILENT_MS = 5_000;
/** Number of shown traces to remember, because further spans of them may arrive. */
const MAX_REMEMBERED = 20_000;

/**
 * Shows each new trace once: when it is complete, or incomplete after the time limit. Shows none if many arrive at once.
 *
 * @returns a function that stops it
 */
export function follow(viewer: Viewer, names: Names, show: Show, withinMs: number): () => void {
  const done = new Set(viewer.spans.map(({ traceId }) => traceId));
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

  const stop = viewer.onArrival(() => {
    const { spans } = viewer;
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
    for (const id of done) {
      if (done.size <= MAX_REMEMBERED) break;
      done.delete(id);
    }
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

/** The traces of the order that a trace belongs to, once all of them are complete. */
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
  // A request's span ends after its sends, so a request without a send span has sent nothing.
  const request = trace.find(({ kind, parentSpanId }) => kind === 'SERVER' && parentSpanId === undefined);
  return request ? { title: 'A request that placed no order', ids: [traceId] } : undefined;
}
