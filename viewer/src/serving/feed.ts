import type { ServerResponse } from 'node:http';
import type { State, Update } from '../page-data';
import type { Store } from '../store';

/**
 * Send changes five times a second. A user sees no delay, but one update can combine the spans of a thousand orders.
 */
const UPDATE_INTERVAL_MS = 200;
/** A page that lost its connection reconnects after this delay. */
const RETRY_MS = 1_000;
/** A page with more unread bytes is disconnected. */
const MAX_UNREAD = 4_000_000;
const CLOSE_TIMEOUT_MS = 500;
const MAX_CHANGED = 500;
const MAX_ERRORS = 50;

export class Feed {
  private readonly pages = new Set<ServerResponse>();
  private readonly changed = new Set<string>();
  private readonly seconds = new Set<number>();
  private readonly stopListening: () => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: Store,
    private readonly state: () => State,
  ) {
    this.stopListening = store.onArrival(({ traces, seconds }) => {
      // No page is open, and a new page gets all data.
      if (this.pages.size === 0) return;
      for (const id of traces) if (this.changed.size <= MAX_CHANGED) this.changed.add(id);
      for (const second of seconds) this.seconds.add(second);
      this.timer ??= setTimeout(() => {
        this.flush();
      }, UPDATE_INTERVAL_MS).unref();
    });
  }

  /** Sends all data now, and then every update until the page disconnects. */
  open(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    write(response, this.update(true, 'many', undefined));
    this.pages.add(response);
    response.once('close', () => this.pages.delete(response));
  }

  /** Sends pending changes immediately, for example because the state has changed. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const changed = this.changed.size > MAX_CHANGED ? 'many' : [...this.changed];
    const seconds = new Set(this.seconds);
    this.changed.clear();
    this.seconds.clear();
    if (this.pages.size === 0) return;
    const update = this.update(false, changed, seconds);
    for (const page of this.pages) write(page, update);
  }

  /** Ends the connections. Resolves when the pages have received all pending data, or after a timeout. */
  async close(): Promise<void> {
    this.stopListening();
    clearTimeout(this.timer);
    await Promise.all(Array.from(this.pages, endResponse));
  }

  private update(snapshot: boolean, changed: Update['changed'], seconds: Set<number> | undefined): Update {
    const { traces, measurements, lastSeen } = this.store;
    return {
      snapshot,
      state: this.state(),
      stored: {
        traces: traces.traceCount,
        spans: traces.spanCount,
        spanLimit: traces.limit,
        removedTraces: traces.removedCount,
      },
      changed,
      frames: measurements.frames(seconds),
      map: measurements.map(),
      groups: measurements.groups(),
      errors: traces.errors.slice(0, MAX_ERRORS),
      lastSeen: Object.fromEntries(lastSeen),
    };
  }
}

/** To limit memory, disconnects a page that reads too slowly. The page then reconnects and gets all data. */
function write(page: ServerResponse, update: Update): void {
  if (page.writableLength > MAX_UNREAD) page.destroy();
  else page.write(`data: ${JSON.stringify(update)}\n\n`);
}

const endResponse = (page: ServerResponse): Promise<void> =>
  new Promise(resolve => {
    const deadline = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    page.once('close', resolve).end(() => {
      clearTimeout(deadline);
      resolve();
    });
  });
