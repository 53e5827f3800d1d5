import type { Attributes, ReceivedLog, ReceivedSpan, Value } from '../otlp/decode';
import type { SpanIndex } from '../tree/details';
import { buildSpanTrees, type SpanNode } from '../tree/span-trees';
import { nameOf } from '../store/digest';

export interface LinkedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Missing if that span is not stored. */
  readonly name?: string;
  readonly service?: string;
}

/** A log record. Its time is in milliseconds since the start of the trace. */
export interface LogView {
  readonly at: number;
  readonly severity: string;
  readonly body: Value;
  readonly attributes: Attributes;
}

/** A span for the page. Times are in milliseconds since the start of the trace. */
export interface SpanView {
  readonly spanId: string;
  /** Missing on a root span, or if the parent is not in the trace. */
  readonly parent?: string;
  readonly missingParent?: string;
  /** Number of ancestor spans in the same service. */
  readonly depth: number;
  readonly name: string;
  readonly service: string;
  readonly kind: ReceivedSpan['kind'];
  readonly start: number;
  readonly ms: number;
  readonly error?: string;
  readonly scope: string;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly events: readonly { readonly name: string; readonly at: number; readonly attributes: Attributes }[];
  /**
   * How long the message waited in its topic: from the end of the producer span to the start of this span. Missing
   * unless the producer span is the parent or the only link.
   */
  readonly waitMs?: number;
  readonly logs: readonly LogView[];
  readonly links: readonly LinkedSpan[];
  readonly linkedFrom: readonly LinkedSpan[];
}

export interface TraceView {
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly start: number;
  readonly ms: number;
  /** Spans in the order of their start. A parent always comes before its children. */
  readonly spans: readonly SpanView[];
  /** Log records of the trace that belong to no stored span. */
  readonly logs: readonly LogView[];
}

/** @param index - finds the spans at the other ends of links */
export function traceViewOf(
  id: string,
  spans: readonly ReceivedSpan[],
  index: SpanIndex,
  logs: readonly ReceivedLog[] = [],
): TraceView {
  const start = spans.reduce(
    (first, span) => (span.start < first ? span.start : first),
    spans[0]?.start ?? 0n,
  );
  const end = spans.reduce((last, span) => (span.end > last ? span.end : last), start);
  const since = (time: bigint) => Number(time - start) / 1e6;
  const logView = ({ time, severity, body, attributes }: ReceivedLog): LogView => ({
    at: since(time),
    severity,
    body,
    attributes,
  });
  const bySpan = new Map<string, LogView[]>();
  for (const log of [...logs].sort((a, b) => Number(a.time - b.time))) {
    const spanId = log.spanId ?? '';
    bySpan.set(spanId, [...(bySpan.get(spanId) ?? []), logView(log)]);
  }
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return {
    id,
    start: Number(start / 1_000n) / 1e3,
    ms: since(end),
    spans: buildSpanTrees(spans).flatMap(node => spanViews(node, undefined, 0, index, since, bySpan)),
    logs: [...bySpan].flatMap(([spanId, own]) => (ids.has(spanId) ? [] : own)),
  };
}

function spanViews(
  { span, orphan, children }: SpanNode,
  parent: ReceivedSpan | undefined,
  depth: number,
  index: SpanIndex,
  since: (time: bigint) => number,
  logs: ReadonlyMap<string, readonly LogView[]>,
): SpanView[] {
  const { spanId, parentSpanId, service, kind, scope, attributes, resource } = span;
  const error = errorOf(span);
  const sent = sendOf(span, index);
  const view: SpanView = {
    spanId,
    ...(parent ? { parent: parent.spanId } : {}),
    ...(orphan && parentSpanId !== undefined ? { missingParent: parentSpanId } : {}),
    depth,
    name: nameOf(span),
    service,
    kind,
    start: since(span.start),
    ms: Number(span.end - span.start) / 1e6,
    ...(error === undefined ? {} : { error }),
    scope: span.scopeVersion === '' ? scope : `${scope} ${span.scopeVersion}`,
    attributes,
    resource,
    events: span.events.map(event => ({
      name: event.name,
      at: since(event.time),
      attributes: event.attributes,
    })),
    ...(sent === undefined ? {} : { waitMs: Math.max(0, Number(span.start - sent.end) / 1e6) }),
    logs: logs.get(spanId) ?? [],
    links: span.links.map(link => linkedSpan(link.traceId, link.spanId, index)),
    linkedFrom: index.linking(span).map(from => linkedSpan(from.traceId, from.spanId, index)),
  };
  const below = children.flatMap(child =>
    spanViews(child, span, child.span.service === service ? depth + 1 : 0, index, since, logs),
  );
  return [view, ...below];
}

/** Returns the producer span of a consumer span: its parent or its only link. */
function sendOf(
  { traceId, parentSpanId, kind, links }: ReceivedSpan,
  index: SpanIndex,
): ReceivedSpan | undefined {
  if (kind !== 'CONSUMER') return undefined;
  const parent = parentSpanId === undefined ? undefined : index.find(traceId, parentSpanId);
  if (parent?.kind === 'PRODUCER') return parent;
  const [only, ...more] = links;
  const linked = only && more.length === 0 ? index.find(only.traceId, only.spanId) : undefined;
  return linked?.kind === 'PRODUCER' ? linked : undefined;
}

function linkedSpan(traceId: string, spanId: string, index: SpanIndex): LinkedSpan {
  const found = index.find(traceId, spanId);
  return { traceId, spanId, ...(found ? { name: found.name, service: found.service } : {}) };
}

function errorOf({ status, events }: ReceivedSpan): string | undefined {
  if (status.code !== 'ERROR') return undefined;
  const exception = events.find(({ name }) => name === 'exception')?.attributes;
  const message = exception?.['exception.message'];
  if (status.message !== '') return status.message;
  return typeof message === 'string' && message !== '' ? message : 'failed';
}

/** Writes bigint and byte values as strings. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return part.toString();
    return part instanceof Uint8Array ? `base64 ${Buffer.from(part).toString('base64')}` : part;
  });
