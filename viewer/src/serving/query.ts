import type { Summary, TraceList } from '../page-data';
import type { Digest } from '../store/digest';
import { percentilesOf } from '../store/percentiles';
import type { Traces } from '../store/traces';

const DEFAULT_LIMIT = 200;
/** How many successive traces with the same root span are listed. Otherwise one busy consumer would fill the list. */
const ALIKE_LISTED = 3;

/** A trace must match all given parameters. */
export function findTraces(traces: Traces, parameters: URLSearchParams): TraceList {
  const text = (parameters.get('text') ?? '').trim().toLowerCase();
  const minMs = Number(parameters.get('minMs') ?? 0) || 0;
  const wanted = (name: string) => parameters.get(name) ?? '';
  const [service, topic, group, root, rootService] = ['service', 'topic', 'group', 'root', 'rootService'].map(
    wanted,
  );
  const onlyErrors = wanted('status') === 'error';
  const fits = (trace: Digest): boolean =>
    (!service || trace.services.includes(service)) &&
    (!topic || trace.topics.includes(topic)) &&
    (!group || trace.groups.includes(group)) &&
    (!root || trace.name === root) &&
    (!rootService || trace.service === rootService) &&
    (!onlyErrors || trace.errors > 0) &&
    trace.ms >= minMs &&
    (text === '' || includesText(trace, text));

  const found: Digest[] = [];
  for (const id of traces.ids) {
    const digest = traces.digest(id);
    if (digest && fits(digest)) found.push(digest);
  }
  found.sort((a, b) => b.start - a.start);
  const limit = Number(parameters.get('limit') ?? DEFAULT_LIMIT) || DEFAULT_LIMIT;
  const listed = root ? found.map(digest => ({ digest, similar: 0 })) : withoutAlike(found);
  return {
    matches: found.length,
    traces: listed.slice(0, limit).map(({ digest, similar }) => summaryOf(digest, similar, traces)),
    roots: rootsOf(found),
  };
}

function includesText(trace: Digest, text: string): boolean {
  const includes = (value: string) => value.toLowerCase().includes(text);
  return (
    includes(trace.id) ||
    includes(trace.name) ||
    trace.spanNames.some(includes) ||
    trace.services.some(includes) ||
    trace.topics.some(includes) ||
    trace.keys.some(includes)
  );
}

/** Leaves out most of successive traces with the same root span, and counts them at the last listed trace. */
function withoutAlike(found: readonly Digest[]): { readonly digest: Digest; readonly similar: number }[] {
  const listed: { digest: Digest; similar: number }[] = [];
  let alike = 0;
  for (const digest of found) {
    const last = listed.at(-1);
    alike = last?.digest.name === digest.name && last.digest.service === digest.service ? alike + 1 : 1;
    if (last === undefined || alike <= ALIKE_LISTED) listed.push({ digest, similar: 0 });
    else if (digest.errors === 0) last.similar += 1;
    else {
      // The count stays below all traces of the row.
      listed.push({ digest, similar: last.similar });
      last.similar = 0;
    }
  }
  return listed;
}

function summaryOf(digest: Digest, similar: number, traces: Traces): Summary {
  const { id, name, service, services, topics, spans, errors, start, ms, linked, keys, logs } = digest;
  const linkedFrom = traces.linkedFrom(id);
  return {
    id,
    name,
    service,
    services,
    topics,
    spans,
    errors,
    start,
    ms,
    linked,
    linkedFrom,
    keys,
    logs,
    similar,
  };
}

function rootsOf(found: readonly Digest[]): TraceList['roots'] {
  const byRoot = new Map<string, Digest[]>();
  for (const digest of found) {
    const key = JSON.stringify([digest.name, digest.service]);
    const same = byRoot.get(key);
    if (same) same.push(digest);
    else byRoot.set(key, [digest]);
  }
  const roots = [...byRoot.values()].flatMap(same => {
    const [first] = same;
    if (!first) return [];
    const { p50, p95 } = percentilesOf(same.map(({ ms }) => ms));
    return {
      name: first.name,
      service: first.service,
      count: same.length,
      errors: same.filter(({ errors }) => errors > 0).length,
      p50,
      p95,
      latest: first.start,
    };
  });
  return roots.sort((a, b) => b.count - a.count);
}
