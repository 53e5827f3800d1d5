import type { ServerResponse } from 'node:http';
import type { Viewer } from '../viewer';
import type { Frame, PartitionLag } from '../viewer/measurements';
import type { Speed } from '../controls';
import { summaryOf, type Summary } from './summary';

/** Where the demo itself stands. */
export interface State {
  readonly phase: 'starting' | 'running' | 'ended';
  /** Why it has ended. */
  readonly reason?: string;
  readonly speed: Speed;
}

/** What the page is told: all there is when it connects, then what has changed. */
export interface News {
  readonly whole: boolean;
  readonly state: State;
  readonly traces: readonly Summary[];
  readonly gone: readonly string[];
  readonly frames: readonly Frame[];
  readonly partitions: readonly PartitionLag[];
  /** When each service was last heard of; Unix time in milliseconds. */
  readonly heard: Readonly<Record<string, number>>;
}

/** Often enough to look live, seldom enough for a thousand orders at once. */
const NEWS_EVERY_MS = 200;
/** How soon a page comes back after it has lost us. */
const RETRY_MS = 1_000;
/** Bytes. */
const MOST_UNREAD = 4_000_000;
const ENDED_WITHIN_MS = 500;

/** Sends server-sent events to every page that is open. */
export class Feed {
  private readonly pages = new Set<ServerResponse>();
  private readonly changed = new Set<string>();
  private readonly seconds = new Set<number>();
  private readonly told = new Set<string>();
  private readonly off: () => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly viewer: Viewer,
    private readonly state: () => State,
  ) {
    this.off = viewer.onArrival(({ traces, seconds }) => {
      for (const id of traces) this.changed.add(id);
      for (const second of seconds) this.seconds.add(second);
      this.soon();
    });
  }

  /** Tells a page all there is, and from then on what is new, until it goes. */
  open(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const { traces, measurements } = this.viewer;
    write(response, this.news(true, traces.ids, measurements.frames(), []));
    this.pages.add(response);
    response.once('close', () => this.pages.delete(response));
  }

  /** Tells what has changed so far at once, for a change of the state. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { traces, measurements } = this.viewer;
    const kept = new Set(traces.ids);
    const gone = [...this.told].filter(id => !kept.has(id));
    for (const id of gone) this.told.delete(id);
    const news = this.news(false, this.changed, measurements.frames(this.seconds), gone);
    this.changed.clear();
    this.seconds.clear();
    for (const page of this.pages) write(page, news);
  }

  /** Ends when the pages have what was written to them, or when they take too long. */
  async close(): Promise<void> {
    this.off();
    clearTimeout(this.timer);
    await Promise.all(Array.from(this.pages, ended));
  }

  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.flush();
    }, NEWS_EVERY_MS).unref();
  }

  private news(whole: boolean, ids: Iterable<string>, frames: Frame[], gone: string[]): News {
    const traces = [...ids].flatMap(id => {
      const spans = this.viewer.traces.of(id);
      return spans ? [summaryOf(id, spans)] : [];
    });
    for (const { id } of traces) this.told.add(id);
    const { partitions } = this.viewer.measurements;
    return {
      whole,
      state: this.state(),
      traces,
      gone,
      frames,
      partitions,
      heard: Object.fromEntries(this.viewer.heard),
    };
  }
}

/** A page that does not read is cut off rather than written to for ever; once it reads again, it comes back for all there is. */
function write(page: ServerResponse, news: News): void {
  if (page.writableLength > MOST_UNREAD) page.destroy();
  else page.write(`data: ${JSON.stringify(news)}\n\n`);
}

const ended = (page: ServerResponse): Promise<void> =>
  new Promise(resolve => {
    const deadline = setTimeout(resolve, ENDED_WITHIN_MS);
    page.once('close', resolve).end(() => {
      clearTimeout(deadline);
      resolve();
    });
  });
