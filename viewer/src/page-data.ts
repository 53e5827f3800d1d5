// Types of the data that the server sends to the page.

/**
 * `GET /events` sends server-sent events, at most five a second. The first event has `snapshot: true` and contains all
 * data.
 */
export interface Update {
  readonly snapshot: boolean;
  readonly state: State;
  /** Stored data. Above `spanLimit` spans, the oldest traces are removed. */
  readonly stored: {
    readonly traces: number;
    readonly spans: number;
    readonly spanLimit: number;
    readonly removedTraces: number;
  };
  /** Ids of traces that are new or have changed since the last update. `'many'` for more than 500 traces. */
  readonly changed: readonly string[] | 'many';
  /** Chart values of the seconds that changed. A snapshot has the last five minutes. */
  readonly frames: readonly Frame[];
  readonly map: ServiceMap;
  readonly groups: readonly ConsumerGroup[];
  /** Errors of the stored spans by type, most frequent first, at most 50 types. */
  readonly errors: readonly {
    readonly type: string;
    readonly service: string;
    readonly count: number;
    readonly lastTrace: string;
  }[];
  /** When each service last sent data, in milliseconds of Unix time. */
  readonly lastSeen: Readonly<Record<string, number>>;
}

export interface State {
  readonly phase: 'starting' | 'running' | 'ended';
  readonly reason?: string;
  /** True if the program that hosts the viewer adds a panel. The page then loads `/panel.css` and `/panel.js`. */
  readonly panel: boolean;
  /** Data for the panel, for example `{ speed: 'slow' }` in the demo. */
  readonly panelState?: unknown;
}

/**
 * Values of one second by name:
 * - `sent SERVICE`, `consumed SERVICE`: messages per second
 * - `lag GROUP`, `timeLag GROUP`
 * - `p50 GROUP`, `p95 GROUP`, `p99 GROUP`: processing duration in ms, from spans or from `messaging.process.duration`
 * - `errors SERVICE`
 */
export interface Frame {
  readonly at: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * The map of services, topics and consumer groups. Rates are per second, over the last 10 seconds. Totals count from
 * the start of the viewer.
 */
export interface ServiceMap {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}
export interface MapNode {
  /** `service:NAME`, `topic:NAME` or `group:NAME`. */
  readonly id: string;
  readonly kind: 'service' | 'topic' | 'group';
  readonly name: string;
  /** Services that run consumers of the group. Empty if the node is no group. */
  readonly services: readonly string[];
}
export interface MapEdge {
  /** `send`: service → topic. `receive`: topic → group. `run`: group → service that runs consumers of the group. */
  readonly kind: 'send' | 'receive' | 'run';
  readonly from: string;
  readonly to: string;
  /** Number of messages. Comes from metrics, or from spans if the service exports no metrics. */
  readonly total: number;
  readonly rate: number;
  readonly errors: number;
  readonly source: 'metrics' | 'spans';
  /** Lag in messages, and time lag in seconds. Only for `receive`, and only if known. */
  readonly lag?: number;
  readonly timeLag?: number;
}

export interface ConsumerGroup {
  readonly group: string;
  readonly members: readonly {
    readonly service: string;
    /** `service.instance.id`, or host and process id. */
    readonly instance: string;
    readonly clientId?: string;
    readonly assigned: Readonly<Record<string, number>>;
    /** Seconds since the last heartbeat. Missing if the client does not report heartbeats. */
    readonly heartbeatAge?: number;
    readonly rebalances: number;
    readonly crashes: number;
    readonly lastSeen: number;
  }[];
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: string;
    readonly lag: number;
    readonly timeLag: number;
  }[];
  /**
   * Processing duration over the last minute, in milliseconds. From process spans, or estimated from `messaging.process.duration`
   * if most messages have no span. Missing if nothing was processed.
   */
  readonly processing?: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly count: number;
    readonly source: 'metrics' | 'spans';
  };
  readonly errors: number;
}

/**
 * `GET /traces?text=&service=&topic=&group=&status=error&minMs=&root=&rootService=&limit=200` lists the latest traces
 * first. `text` matches trace id, span names, services, topics and message keys. `root` and `rootService` are the name
 * and service of the root span. All parameters are optional. A trace must match all that are given.
 */
export interface TraceList {
  readonly matches: number;
  /** Of more than three successive traces with the same root span, the others are left out, unless they failed. */
  readonly traces: readonly Summary[];
  /** Matching traces by name and service of their root span, most frequent first. Durations in ms. */
  readonly roots: readonly {
    readonly name: string;
    readonly service: string;
    readonly count: number;
    readonly errors: number;
    readonly p50: number;
    readonly p95: number;
    readonly latest: number;
  }[];
}
export interface Summary {
  readonly id: string;
  /** Name and service of the root span. */
  readonly name: string;
  readonly service: string;
  readonly services: readonly string[];
  readonly topics: readonly string[];
  readonly spans: number;
  readonly errors: number;
  /** Start (Unix time) and duration, in milliseconds. */
  readonly start: number;
  readonly ms: number;
  /** Ids of the traces that this trace links to, and of the traces that link to this trace. */
  readonly linked: readonly string[];
  readonly linkedFrom: readonly string[];
  readonly keys: readonly string[];
  readonly logs: number;
  /** Number of older traces with the same root span that the list leaves out after this one. */
  readonly similar: number;
}

// `GET /traces/ID` returns a `TraceView` (serving/trace-view.ts).
// `GET /viewer.json` returns an `Identity` (identity.ts).
