import { groupOf, keyOf, topicOf } from '../messaging';
import type { ReceivedSpan } from '../otlp/decode';
import type { Summary } from '../page-data';

/** The facts about one trace that the trace list shows and the search uses. Created again when the trace changes. */
export interface Digest extends Omit<Summary, 'linkedFrom' | 'similar'> {
  readonly groups: readonly string[];
  readonly spanNames: readonly string[];
}

/** A batch can have thousands of keys. */
const KEYS_KEPT = 100;

export function digestOf(id: string, spans: readonly ReceivedSpan[], logs: number): Digest {
  const ordered = [...spans].sort((a, b) => Number(a.start - b.start));
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const root =
    ordered.find(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId)) ?? ordered[0];
  const start = ordered[0]?.start ?? 0n;
  const end = ordered.reduce((latest, span) => (span.end > latest ? span.end : latest), start);
  const linked = spans.flatMap(({ links }) => links.map(({ traceId }) => traceId));
  return {
    id,
    name: root ? nameOf(root) : '',
    service: root?.service ?? '',
    services: unique(ordered.map(({ service }) => service)),
    topics: unique(ordered.map(({ attributes }) => topicOf(attributes))),
    groups: unique(ordered.map(({ attributes }) => groupOf(attributes))),
    spans: spans.length,
    errors: spans.filter(({ status }) => status.code === 'ERROR').length,
    start: Number(start / 1_000n) / 1e3,
    ms: Number(end - start) / 1e6,
    linked: unique(linked.filter(traceId => traceId !== id)),
    keys: unique(
      spans.flatMap(({ attributes, links }) => [
        keyOf(attributes),
        ...links.map(link => keyOf(link.attributes)),
      ]),
    ).slice(0, KEYS_KEPT),
    spanNames: unique(spans.map(({ name }) => name)),
    logs,
  };
}

/** Adds the path to the name of an HTTP server span, unless the name already contains it. */
export function nameOf({ name, kind, attributes }: ReceivedSpan): string {
  const path = attributes['url.path'];
  return kind === 'SERVER' && typeof path === 'string' && !name.includes(path) ? `${name} ${path}` : name;
}

const unique = (values: readonly string[]): string[] => [...new Set(values)].filter(value => value !== '');
