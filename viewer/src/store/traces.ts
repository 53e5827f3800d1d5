import type { ReceivedLog, ReceivedSpan, Value } from '../otlp/decode';
import type { SpanIndex } from '../tree/details';
import { digestOf, type Digest } from './digest';
import { trim } from './trim';

/** Default limit for the number of stored spans. */
export const DEFAULT_SPAN_LIMIT = 50_000;
/** Maximum number of stored spans per trace. Further spans are dropped. */
const SPANS_PER_TRACE = 5_000;
const LOGS_PER_TRACE = 1_000;
/**
 * Number of removed traces to remember. Their spans may still arrive, because messages can wait in a topic for a long
 * time.
 */
const REMOVED_IDS_KEPT = 50_000;
/** A larger span counts as more than one span. */
const CHARACTERS_PER_SPAN = 2_000;

export interface ErrorCount {
  readonly type: string;
  readonly service: string;
  count: number;
  lastTrace: string;
}

class StoredTrace {
  readonly spans: ReceivedSpan[] = [];
  readonly logs: ReceivedLog[] = [];
  readonly links = new Set<string>();
  weight = 0;
  private known: Digest | undefined;

  constructor(readonly id: string) {}

  get digest(): Digest {
    return (this.known ??= digestOf(this.id, this.spans, this.logs.length));
  }

  changed(): void {
    this.known = undefined;
  }
}

/**
 * Stores spans and log records by trace. Above the limit, the oldest traces are removed and their late spans are
 * dropped.
 */
export class Traces implements SpanIndex {
  private readonly byId = new Map<string, StoredTrace>();
  /** For each trace, the traces that link to it. */
  private readonly sources = new Map<string, Set<string>>();
  private readonly removed = new Set<string>();
  private readonly byErrorType = new Map<string, ErrorCount>();
  private weight = 0;
  private spansStored = 0;
  removedCount = 0;

  constructor(readonly limit = DEFAULT_SPAN_LIMIT) {}

  /** @returns the ids of the changed traces, including traces that the new spans link to */
  add(spans: readonly ReceivedSpan[]): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const span of spans) {
      if (this.removed.has(span.traceId)) continue;
      const trace = this.stored(span.traceId);
      if (trace.spans.length >= SPANS_PER_TRACE) continue;
      trace.spans.push(span);
      trace.changed();
      this.spansStored += 1;
      this.grow(trace, weightOf(span));
      this.addLinks(trace, span, changed);
      this.countError(span, 1);
      changed.add(span.traceId);
    }
    this.removeOldest(changed);
    return changed;
  }

  /**
   * Adds log records that belong to a trace.
   *
   * @returns the ids of the changed traces
   */
  addLogs(logs: readonly ReceivedLog[]): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const log of logs) {
      if (log.traceId === undefined || this.removed.has(log.traceId)) continue;
      const trace = this.stored(log.traceId);
      if (trace.logs.length >= LOGS_PER_TRACE) continue;
      trace.logs.push(log);
      trace.changed();
      // A log record counts like a span, although it is smaller.
      this.grow(trace, 1 + Math.floor((sizeOf(log.body) + sizeOf(log.attributes)) / CHARACTERS_PER_SPAN));
      if (trace.spans.length > 0) changed.add(log.traceId);
    }
    this.removeOldest(changed);
    return changed;
  }

  of(id: string): readonly ReceivedSpan[] | undefined {
    const spans = this.byId.get(id)?.spans;
    return spans === undefined || spans.length === 0 ? undefined : spans;
  }

  logsOf(id: string): readonly ReceivedLog[] {
    return this.byId.get(id)?.logs ?? [];
  }

  digest(id: string): Digest | undefined {
    const trace = this.byId.get(id);
    return trace && trace.spans.length > 0 ? trace.digest : undefined;
  }

  linkedFrom(id: string): readonly string[] {
    return [...(this.sources.get(id) ?? [])];
  }

  find(traceId: string, spanId: string): ReceivedSpan | undefined {
    return this.byId.get(traceId)?.spans.find(span => span.spanId === spanId);
  }

  linking({ traceId, spanId }: ReceivedSpan): readonly ReceivedSpan[] {
    return this.linkedFrom(traceId).flatMap(id =>
      (this.byId.get(id)?.spans ?? []).filter(({ links }) =>
        links.some(link => link.traceId === traceId && link.spanId === spanId),
      ),
    );
  }

  /** Ids of all stored traces that have spans, oldest first. */
  get ids(): readonly string[] {
    return [...this.byId.values()].flatMap(({ id, spans }) => (spans.length > 0 ? [id] : []));
  }

  /** All stored spans. Slow, because all traces are visited. */
  get spans(): ReceivedSpan[] {
    return [...this.byId.values()].flatMap(({ spans }) => spans);
  }

  get spanCount(): number {
    return this.spansStored;
  }

  get traceCount(): number {
    return this.byId.size;
  }

  /** Most frequent first. */
  get errors(): readonly ErrorCount[] {
    return [...this.byErrorType.values()].sort((a, b) => b.count - a.count);
  }

  private stored(id: string): StoredTrace {
    const known = this.byId.get(id);
    if (known) return known;
    const trace = new StoredTrace(id);
    this.byId.set(id, trace);
    return trace;
  }

  private grow(trace: StoredTrace, weight: number): void {
    trace.weight += weight;
    this.weight += weight;
  }

  private addLinks(trace: StoredTrace, span: ReceivedSpan, changed: Set<string>): void {
    for (const { traceId } of span.links) {
      if (traceId === span.traceId || trace.links.has(traceId)) continue;
      trace.links.add(traceId);
      const sources = this.sources.get(traceId) ?? new Set();
      this.sources.set(traceId, sources.add(trace.id));
      if (this.byId.has(traceId)) changed.add(traceId);
    }
  }

  private removeOldest(changed: Set<string>): void {
    for (const trace of this.byId.values()) {
      if (this.weight <= this.limit) break;
      // Keep the last trace. Its size has a limit of its own.
      if (this.byId.size === 1) break;
      this.remove(trace);
      changed.delete(trace.id);
    }
    trim(this.removed, REMOVED_IDS_KEPT);
  }

  private remove(trace: StoredTrace): void {
    this.byId.delete(trace.id);
    this.removed.add(trace.id);
    this.removedCount += 1;
    this.weight -= trace.weight;
    this.spansStored -= trace.spans.length;
    for (const target of trace.links) {
      const sources = this.sources.get(target);
      sources?.delete(trace.id);
      if (sources?.size === 0) this.sources.delete(target);
    }
    for (const span of trace.spans) this.countError(span, -1);
  }

  private countError(span: ReceivedSpan, by: 1 | -1): void {
    if (span.status.code !== 'ERROR') return;
    const type = errorTypeOf(span);
    const key = JSON.stringify([type, span.service]);
    const counted = this.byErrorType.get(key);
    if (counted === undefined) {
      if (by === 1)
        this.byErrorType.set(key, { type, service: span.service, count: 1, lastTrace: span.traceId });
      return;
    }
    counted.count += by;
    if (by === 1) counted.lastTrace = span.traceId;
    if (counted.count === 0) this.byErrorType.delete(key);
  }
}

/** Returns the error type of a failed span: `error.type`, or else the type of its exception. */
export function errorTypeOf({ attributes, events }: ReceivedSpan): string {
  const exception = events.find(({ name }) => name === 'exception')?.attributes['exception.type'];
  const type = attributes['error.type'] ?? exception;
  return typeof type === 'string' && type !== '' ? type : 'unknown';
}

function weightOf({ name, attributes, events, links }: ReceivedSpan): number {
  const size =
    name.length +
    sizeOf(attributes) +
    events.reduce((sum, event) => sum + 100 + sizeOf(event.attributes), 0) +
    links.reduce((sum, link) => sum + 100 + sizeOf(link.attributes), 0);
  return 1 + Math.floor(size / CHARACTERS_PER_SPAN);
}

function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof Uint8Array) return value.length;
  let size = 0;
  for (const [key, part] of Object.entries(value)) size += key.length + sizeOf(part);
  return size;
}
