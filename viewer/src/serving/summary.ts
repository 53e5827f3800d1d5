import type { ReceivedSpan } from '../otlp/decode';

/** One row in the list of traces. */
export interface Summary {
  readonly id: string;
  readonly name: string;
  /** The services, in order of their first span. */
  readonly services: readonly string[];
  readonly spans: number;
  readonly errors: number;
  /** Unix time in milliseconds. */
  readonly start: number;
  readonly ms: number;
  /** Ids of other traces that this trace links to. */
  readonly linked: readonly string[];
  /** Keys of the messages in the trace. A key is the id of an order, so the page can find the trace of an order. */
  readonly keys: readonly string[];
}

const KEY = 'messaging.kafka.message.key';

export function summaryOf(id: string, spans: readonly ReceivedSpan[]): Summary {
  const ordered = [...spans].sort((a, b) => Number(a.start - b.start));
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const root =
    ordered.find(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId)) ?? ordered[0];
  const start = ordered[0]?.start ?? 0n;
  const end = ordered.reduce((latest, span) => (span.end > latest ? span.end : latest), start);
  return {
    id,
    name: root ? nameOf(root) : '',
    services: [...new Set(ordered.map(({ service }) => service))],
    spans: spans.length,
    errors: spans.filter(({ status }) => status.code === 'ERROR').length,
    start: Number(start / 1_000n) / 1e3,
    ms: Number(end - start) / 1e6,
    linked: [
      ...new Set(
        spans.flatMap(({ links }) => links.map(({ traceId }) => traceId)).filter(traceId => traceId !== id),
      ),
    ],
    keys: spans.flatMap(({ attributes }) => {
      const key = attributes[KEY];
      return typeof key === 'string' ? [key] : [];
    }),
  };
}

/** Adds the path to the name of an HTTP server span, if the name is only the method. */
export function nameOf({ name, kind, attributes }: ReceivedSpan): string {
  const path = attributes['url.path'];
  return kind === 'SERVER' && typeof path === 'string' && !name.includes(path) ? `${name} ${path}` : name;
}
