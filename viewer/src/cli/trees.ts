import type { ReceivedSpan } from '../otlp/decode';
import type { Store } from '../store';
import { trim } from '../store/trim';
import { drawTrace } from '../tree';

/** A complete trace is printed when no span has been added for this time. */
const QUIET_MS = 800;
/** A trace with missing parent spans is printed after this time. */
const INCOMPLETE_MS = 5_000;
const CHECK_MS = 200;
/** If more traces arrive at once, only this number is printed. The page is easier to read. */
const MAX_AT_ONCE = 5;
const MAX_REMEMBERED = 20_000;

export interface Trees {
  stop(): void;
}

export function printTrees(
  store: Store,
  print: (text: string) => void,
  look: { readonly width: number; readonly colours: boolean },
): Trees {
  const pending = new Map<string, number>();
  const done = new Set<string>();
  const stopListening = store.onArrival(({ traces }) => {
    const now = Date.now();
    for (const id of traces) if (!done.has(id)) pending.set(id, now);
  });

  const flush = (isDue: (spans: readonly ReceivedSpan[], quietMs: number) => boolean): void => {
    const now = Date.now();
    const due = [...pending]
      .filter(([id, at]) => isDue(store.traces.of(id) ?? [], now - at))
      .map(([id]) => id);
    // Sort by start, because traces arrive in the order in which their first spans ended.
    const shown = due.flatMap(id => store.traces.digest(id) ?? []).sort((a, b) => a.start - b.start);
    for (const id of due) {
      pending.delete(id);
      done.add(id);
    }
    for (const { id } of shown.slice(0, MAX_AT_ONCE))
      print(`\n${drawTrace(store.traces.of(id) ?? [], { ...look, index: store.traces })}`);
    const more = shown.length - MAX_AT_ONCE;
    if (more > 0) print(`\n${more} more ${more === 1 ? 'trace is' : 'traces are'} on the page.`);
    trim(done, MAX_REMEMBERED);
  };
  const timer = setInterval(() => {
    flush((spans, quietMs) => quietMs >= (isComplete(spans) ? QUIET_MS : INCOMPLETE_MS));
  }, CHECK_MS).unref();

  return {
    stop() {
      stopListening();
      clearInterval(timer);
      flush(() => true);
    },
  };
}

function isComplete(spans: readonly ReceivedSpan[]): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.every(({ parentSpanId }) => parentSpanId === undefined || ids.has(parentSpanId));
}
