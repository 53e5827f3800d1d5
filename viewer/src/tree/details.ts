import { batchSizeOf, offsetOf, partitionOf, topicOf } from '../messaging';
import type { ReceivedSpan, Value } from '../otlp/decode';
import { printable } from './text';

export interface Details {
  readonly facts: readonly string[];
  readonly errors: readonly string[];
}

/** Finds spans, for example to show the names of linked spans in other traces. */
export interface SpanIndex {
  find(traceId: string, spanId: string): ReceivedSpan | undefined;
  linking(span: ReceivedSpan): readonly ReceivedSpan[];
}

export function indexSpans(spans: readonly ReceivedSpan[]): SpanIndex {
  const id = (traceId: string, spanId: string) => `${traceId}/${spanId}`;
  const byId = new Map(spans.map(span => [id(span.traceId, span.spanId), span]));
  const linking = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    for (const link of span.links) {
      if (link.traceId === span.traceId) continue;
      const key = id(link.traceId, link.spanId);
      linking.set(key, [...(linking.get(key) ?? []), span]);
    }
  }
  return {
    find: (traceId, spanId) => byId.get(id(traceId, spanId)),
    linking: span => linking.get(id(span.traceId, span.spanId)) ?? [],
  };
}

/** Shortens a trace id to its first characters, which are enough to distinguish the traces on the screen. */
export const shortId = (id: string): string => id.slice(0, 8);

export function details(span: ReceivedSpan, orphan: boolean, index: SpanIndex): Details {
  return {
    facts: [...http(span), ...sql(span), ...messaging(span), ...links(span, index)].map(printable),
    errors: [...missingParent(span, orphan, index), ...errors(span)].map(printable),
  };
}

function http({ attributes }: ReceivedSpan): string[] {
  const path = shown(attributes['url.path']);
  const status = shown(attributes['http.response.status_code']);
  if (path === undefined) return [];
  return [status === undefined ? path : `${path} → ${status}`];
}

function sql({ attributes }: ReceivedSpan): string[] {
  return present(shown(attributes['db.query.text']));
}

function messaging({ attributes }: ReceivedSpan): string[] {
  const labelled = (label: string, value: Value | undefined) => {
    const text = shown(value);
    return text === undefined || text === '' ? undefined : `${label} ${text}`;
  };
  return present(
    labelled('topic', topicOf(attributes)),
    labelled('partition', partitionOf(attributes)),
    labelled('offset', offsetOf(attributes)),
    labelled('batch of', batchSizeOf(attributes)),
  );
}

/** A batch span can have more than a hundred links. */
const LINKS_SHOWN = 4;

function links(span: ReceivedSpan, index: SpanIndex): string[] {
  const to = span.links.map(link => {
    const target = index.find(link.traceId, link.spanId);
    const elsewhere = link.traceId === span.traceId ? '' : ` in trace ${shortId(link.traceId)}`;
    return `links to ${target ? target.name : `span ${shortId(link.spanId)}`}${elsewhere}`;
  });
  const from = index
    .linking(span)
    .map(({ name, traceId }) => `linked from ${name} in trace ${shortId(traceId)}`);
  return [...firstFew(to, 'links'), ...firstFew(from, 'spans link here')];
}

function firstFew(texts: readonly string[], what: string): string[] {
  const more = texts.length - LINKS_SHOWN;
  return more > 0 ? [...texts.slice(0, LINKS_SHOWN), `${more} more ${what}`] : [...texts];
}

function missingParent({ traceId, parentSpanId }: ReceivedSpan, orphan: boolean, index: SpanIndex): string[] {
  if (!orphan || parentSpanId === undefined) return [];
  const isCycle = index.find(traceId, parentSpanId) !== undefined;
  return [isCycle ? 'the parent spans form a cycle' : `the parent span ${shortId(parentSpanId)} is missing`];
}

function errors({ events, status }: ReceivedSpan): string[] {
  const exceptions = events
    .filter(({ name }) => name === 'exception')
    .map(({ attributes }) =>
      present(shown(attributes['exception.type']), shown(attributes['exception.message'])).join(': '),
    );
  if (exceptions.length > 0) return exceptions;
  return status.code === 'ERROR' ? [status.message || 'failed'] : [];
}

function shown(value: Value | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

const present = (...values: readonly (string | undefined)[]): string[] =>
  values.filter(value => value !== undefined);
