import type { Attributes, ReceivedSpan } from '../../test/support/otlp';
import { indexSpans, type SpanIndex } from '../tree/details';
import { plantForest, type SpanNode } from '../tree/forest';
import { nameOf } from './summary';

/** Another span that this one links to, or that links to it. */
export interface Neighbour {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent when that span is not, or no longer, kept. */
  readonly name?: string;
  readonly service?: string;
}

/** A span as the page draws it. Times are milliseconds since the start of its trace. */
export interface PicturedSpan {
  readonly spanId: string;
  /** Absent on a root, and where the parent is not there. */
  readonly parent?: string;
  readonly missingParent?: string;
  /** How many spans of its own service it lies below. */
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
  readonly links: readonly Neighbour[];
  readonly linkedFrom: readonly Neighbour[];
}

export interface Picture {
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly start: number;
  readonly ms: number;
  /** Parents before their children, in order of their start. */
  readonly spans: readonly PicturedSpan[];
}

/** A trace as the page draws it; `known` are the spans of all traces, to name what links lead to. */
export function pictureOf(
  id: string,
  spans: readonly ReceivedSpan[],
  known: readonly ReceivedSpan[],
): Picture {
  const index = indexSpans(known);
  const start = spans.reduce(
    (first, span) => (span.start < first ? span.start : first),
    spans[0]?.start ?? 0n,
  );
  const end = spans.reduce((last, span) => (span.end > last ? span.end : last), start);
  const since = (time: bigint) => Number(time - start) / 1e6;
  return {
    id,
    start: Number(start / 1_000n) / 1e3,
    ms: since(end),
    spans: plantForest(spans).flatMap(node => pictured(node, undefined, 0, index, since)),
  };
}

function pictured(
  { span, orphan, children }: SpanNode,
  parent: ReceivedSpan | undefined,
  depth: number,
  index: SpanIndex,
  since: (time: bigint) => number,
): PicturedSpan[] {
  const { spanId, parentSpanId, service, kind, scope, attributes, resource } = span;
  const error = errorOf(span);
  const own: PicturedSpan = {
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
    links: span.links.map(link => neighbour(link.traceId, link.spanId, index)),
    linkedFrom: index.linking(span).map(from => neighbour(from.traceId, from.spanId, index)),
  };
  const below = children.flatMap(child =>
    pictured(child, span, child.span.service === service ? depth + 1 : 0, index, since),
  );
  return [own, ...below];
}

function neighbour(traceId: string, spanId: string, index: SpanIndex): Neighbour {
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

/** 64-bit numbers and bytes are not JSON's. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return part.toString();
    return part instanceof Uint8Array ? `base64 ${Buffer.from(part).toString('base64')}` : part;
  });
