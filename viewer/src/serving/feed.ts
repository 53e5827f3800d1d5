import type { ServerResponse } from 'node:http';
import type { Viewer } from '../viewer';
import type { Frame, PartitionLag } from '../store/measurements';
import type { State } from '../page-data';
import { summaryOf, type Summary } from './summary';

/** A message to the page. The first one has the complete data; later ones have only changes. */
export interface Update {
  /** True if the message has the complete data and replaces everything on the page. */
  readonly snapshot: boolean;
  readonly state: State;
  readonly traces: readonly Summary[];
  /** Ids of traces that the server no longer stores. */
  readonly evicted: readonly string[];
  readonly frames: readonly Frame[];
  readonly partitions: readonly PartitionLag[];
  /** The last time each service sent data; Unix time in milliseconds. */
  readonly lastSeen: Readonly<Record<string, number>>;
}

/** Send changes five times a second. This looks immediate, and still combines the spans of a thousand orders in one message. */
const UPDATE_INTERVAL_MS = 200;
/** A page that lost its connection reconnects after this delay. */
const RETRY_MS = 1_000;
/** If a page has more unread bytes than this, it is disconnected. */
const MAX_UNREAD = 4_000_000;
const CLOSE_TIMEOUT_MS = 500;

/** Sends updates to all open pages, as server-sent events. */
export class Feed {
  private readonly pages = new Set<ServerResponse>();
  private readonly changed = new Set<string>();
  private readonly seconds = new Set<number>();
  private readonly sent = new Set<string>();
  private readonly stopListening: () => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly viewer: Viewer,
    private readonly state: () => State,
  ) {
    this.stopListening = viewer.onArrival(({ traces, seconds }) => {
      for (const id of traces) this.changed.add(id);
      for (const second of seconds) this.seconds.add(second);
      this.scheduleFlush();
    });
  }

  /** Sends the complete data to a page, and then every update until the page disconnects. */
  open(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const { traces, measurements } = this.viewer;
    write(response, this.update(true, traces.ids, measurements.frames(), []));
    this.pages.add(response);
    response.once('close', () => this.pages.delete(response));
  }

  /** Sends pending changes now, for example because the state of the demo changed. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { traces, measurements } = this.viewer;
    const kept = new Set(traces.ids);
    const evicted = [...this.sent].filter(id => !kept.has(id));
    for (const id of evicted) this.sent.delete(id);
    const update = this.update(false, this.changed, measurements.frames(this.seconds), evicted);
    this.changed.clear();
    this.seconds.clear();
    for (const page of this.pages) write(page, update);
  }

  /** Ends the connections. Resolves when the pages have received all pending data, or after a timeout. */
  async close(): Promise<void> {
    this.stopListening();
    clearTimeout(this.timer);
    await Promise.all(Array.from(this.pages, endResponse));
  }

  private scheduleFlush(): void {
    this.timer ??= setTimeout(() => {
      this.flush();
    }, UPDATE_INTERVAL_MS).unref();
  }

  private update(snapshot: boolean, ids: Iterable<string>, frames: Frame[], evicted: string[]): Update {
    const traces = [...ids].flatMap(id => {
      const spans = this.viewer.traces.of(id);
      return spans ? [summaryOf(id, spans)] : [];
    });
    for (const { id } of traces) this.sent.add(id);
    const { partitions } = this.viewer.measurements;
    return {
      snapshot,
      // The page of today reads the speed of the demo here. Its next version reads `panelState`.
      state: { ...this.state(), ...(this.state().panelState as object | undefined) },
      traces,
      evicted,
      frames,
      partitions,
      lastSeen: Object.fromEntries(this.viewer.lastSeen),
    };
  }
}

/**
 * Sends a message to a page. Disconnects a page that reads too slowly, to limit memory. The page then reconnects and gets the
 * complete data.
 */
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
