import type { ReceivedSpan } from '../test/support/otlp';
import { faultOf, orderIdOf, storyOf } from './expectations';
import type { Names } from './topics';
import type { Viewer } from './viewer';

/** Shows traces under a title. */
export type Show = (title: string, traceIds: ReadonlySet<string>) => void;

/** Who places a thousand orders looks at the page; a terminal would only scroll. */
const AWAITED_AT_ONCE = 8;
const SILENT_MS = 5_000;
/** Traces told, remembered for as long as spans of them could still come. */
const REMEMBERED = 20_000;

/**
 * Shows each new trace once: as soon as it is whole, or as it is when the time is over; of many at once none.
 * Returns what ends that.
 */
export function follow(viewer: Viewer, names: Names, show: Show, withinMs: number): () => void {
  const done = new Set(viewer.spans.map(({ traceId }) => traceId));
  const deadlines = new Map<string, NodeJS.Timeout>();
  let silentUntil = 0;

  const tell = (title: string, ids: Iterable<string>): void => {
    const fresh = new Set([...ids].filter(id => !done.has(id)));
    for (const id of fresh) {
      done.add(id);
      clearTimeout(deadlines.get(id));
      deadlines.delete(id);
    }
    show(title, fresh);
  };

  const beSilent = (): void => {
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
      const story = Date.now() < silentUntil ? undefined : wholeStory(id, spans, names);
      if (story) tell(story.title, story.ids);
      else if (deadlines.has(id)) continue;
      else if (deadlines.size < AWAITED_AT_ONCE && Date.now() >= silentUntil)
        deadlines.set(id, setTimeout(tell, withinMs, 'A trace that is not whole', [id]).unref());
      else {
        if (Date.now() >= silentUntil) beSilent();
        silentUntil = Date.now() + SILENT_MS;
        done.add(id);
      }
    }
    for (const id of done) {
      if (done.size <= REMEMBERED) break;
      done.delete(id);
    }
  });
  return () => {
    stop();
    for (const deadline of deadlines.values()) clearTimeout(deadline);
  };
}

interface Story {
  readonly title: string;
  readonly ids: Iterable<string>;
}

/** What a trace belongs to, once all of that is there. */
export function wholeStory(traceId: string, spans: readonly ReceivedSpan[], names: Names): Story | undefined {
  const trace = spans.filter(span => span.traceId === traceId);
  const id = orderIdOf(trace, names);
  if (id !== undefined) {
    const outcome = (['paid', 'declined'] as const).find(
      wanted => faultOf({ id, outcome: wanted }, spans, names) === undefined,
    );
    if (outcome === undefined) return undefined;
    const ids = new Set(storyOf(id, spans, names).map(span => span.traceId));
    return { title: outcome === 'paid' ? 'A new order' : 'A new order whose card is declined', ids };
  }
  // A request's span ends after what it sends: a request that is here without any has sent nothing.
  const request = trace.find(({ kind, parentSpanId }) => kind === 'SERVER' && parentSpanId === undefined);
  return request ? { title: 'A request that placed no order', ids: [traceId] } : undefined;
}
