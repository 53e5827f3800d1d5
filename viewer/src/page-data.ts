// The data that the viewer's server sends to its page. Types only.

/** `GET /events`: server-sent events, at most five a second. The first one has `snapshot: true` and the complete data. */
export interface Update {
  readonly snapshot: boolean;
  readonly state: State;
  /** The amount of stored data. Above `spanLimit`, the oldest traces are removed. */
  readonly stored: {
    readonly traces: number;
    readonly spans: number;
    readonly spanLimit: number;
    readonly removedTraces: number;
  };
  /** Ids of traces that are new or changed since the last update. If there are more than 500, `'many'`. */
  readonly changed: readonly string[] | 'many';
  /** Chart values of changed seconds (all kept seconds in a snapshot; five minutes are kept). */
  readonly frames: readonly Frame[];
  readonly map: ServiceMap;
  readonly groups: readonly ConsumerGroup[];
  /** Errors by type over the stored spans, most frequent first, at most 50. */
  readonly errors: readonly {
    readonly type: string;
    readonly service: string;
    readonly count: number;
    readonly lastTrace: string;
  }[];
  /** The last time each service sent data; Unix time in milliseconds. */
  readonly lastSeen: Readonly<Record<string, number>>;
}

export interface State {
  readonly phase: 'starting' | 'running' | 'ended';
  readonly reason?: string;
  /** True if the host of the viewer (the demo) adds a panel: the page loads `/panel.css` and imports `/panel.js` then. */
  readonly panel: boolean;
  /** Data for the panel, for example the demo's `{ speed: 'slow' }`. */
  readonly panelState?: unknown;
}

/** Values of one second: `sent orders-api`, `consumed payments` (messages per second, by service), `lag GROUP`, `timeLag GROUP`,
 *  `p50 GROUP`, `p95 GROUP`, `p99 GROUP` (processing duration in ms, from the spans or `messaging.process.duration`), `errors SERVICE`. */
export interface Frame {
  readonly at: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Services → topics → consumer groups. Rates are per second over the last 10 seconds; totals since the viewer started. */
export interface ServiceMap {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}
export interface MapNode {
  /** `service:NAME`, `topic:NAME`, `group:NAME`. */
  readonly id: string;
  readonly kind: 'service' | 'topic' | 'group';
  readonly name: string;
  /** Services whose consumers belong to the group; empty for other nodes. */
  readonly services: readonly string[];
}
export interface MapEdge {
  /** send: service → topic; receive: topic → group; run: group → service (the service that runs the group's consumers). */
  readonly kind: 'send' | 'receive' | 'run';
  readonly from: string;
  readonly to: string;
  /** Number of messages. From metrics, or from spans (`source: 'spans'`) if the service exports no metrics. */
  readonly total: number;
  readonly rate: number;
  readonly errors: number;
  readonly source: 'metrics' | 'spans';
  /** Lag in messages, and time lag in seconds. Only for `receive`. Missing if unknown. */
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
    /** Number of assigned partitions by topic. */
    readonly assigned: Readonly<Record<string, number>>;
    /** Seconds since the last heartbeat. Missing if the client does not report it. */
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
 * `GET /traces?text=&service=&topic=&group=&status=error&minMs=&root=&rootService=&limit=200`: latest first. `text` matches trace id,
 * span names, services, topics and message keys. `root` and `rootService` are the name and the service of the root span. All parameters are optional and combined with "and".
 */
export interface TraceList {
  /** Number of matching traces. */
  readonly matches: number;
  /** Of more than three successive traces with the same root span, the others are left out, unless they failed. */
  readonly traces: readonly Summary[];
  /** Matching traces by name and service of the root span, most frequent first. Durations in ms. */
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
  /** Unix time in ms, and duration in ms. */
  readonly start: number;
  readonly ms: number;
  /** Traces that this trace links to, and traces that link to this one. */
  readonly linked: readonly string[];
  readonly linkedFrom: readonly string[];
  readonly keys: readonly string[];
  readonly logs: number;
  /** Number of older traces with the same root span that the list leaves out after this one. */
  readonly similar: number;
}

/**
 * `GET /traces/ID`: a `TraceView` (serving/trace-view.ts). A consumer span has `waitMs`, the time from the end of the send to
 * the start of the span, if its producer span is its parent or its only link. The page draws this as the time in the topic.
 * A span has the `logs` that belong to it. Log records of the trace that belong to no stored span are in `logs` of the trace.
 */
// `GET /viewer.json` → `{ "name": "@org/kafka-otel-viewer", "version": "…" }`.
