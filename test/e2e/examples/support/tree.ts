import { details, indexSpans, type SpanIndex } from '../../../../viewer/src/tree/details';
import { buildSpanTrees, type SpanNode } from '../../../../viewer/src/tree/span-trees';
import type { ReceivedSpan } from '../../../support/otlp';

/** A span and its children, as the tree shows them. */
export interface Shown {
  /** Name, service and kind. */
  readonly title: readonly [string, string, string];
  readonly facts: readonly string[];
  readonly children: readonly Shown[];
}

/**
 * Removes all values that differ between runs: ids, times, and topic names, which become roles.
 *
 * @param spans - all spans of the traces, in any order
 * @param topics - topic names by role
 */
export function shownTraces(
  spans: readonly ReceivedSpan[],
  topics: Readonly<Record<string, string>>,
): Shown[] {
  const index = indexSpans(spans);
  const rename = (text: string) =>
    Object.entries(topics).reduce((shown, [role, topic]) => shown.replaceAll(topic, role), text);
  return buildSpanTrees(spans).map(node => show(node, index, rename));
}

function show(
  { span, orphan, children }: SpanNode,
  index: SpanIndex,
  rename: (text: string) => string,
): Shown {
  const { facts, errors } = details(span, orphan, index);
  const lines = facts
    .filter(fact => !fact.startsWith('linked from '))
    .map(fact => fact.replace(/ in trace \w+$/, ' in another trace'))
    .map(fact => fact.replace(/^links to span \w+/, 'links to a span that is not kept'));
  return {
    title: [rename(span.name), span.service, span.kind.toLowerCase()],
    facts: [...counted(lines), ...ownAttributes(span), ...errors.map(error => `✖ ${error}`)].map(rename),
    children: children.map(child => show(child, index, rename)),
  };
}

/** Merges equal lines, because a batch links to many spans with the same name. */
function counted(facts: readonly string[]): string[] {
  return [...new Set(facts)].map(fact => {
    const times = facts.filter(other => other === fact).length;
    return times === 1 ? fact : `${fact} × ${times}`;
  });
}

/** Returns the attributes that hooks and options have added to Kafka spans. */
function ownAttributes({ scope, attributes }: ReceivedSpan): string[] {
  if (scope !== '@org/kafka-otel') return [];
  return Object.entries(attributes)
    .filter(([name]) => name.startsWith('messaging.header.') || !/^(messaging|server|error)\./.test(name))
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`);
}

/** Draws the trees as text in columns. */
export function drawTraces(traces: readonly Shown[]): string {
  const rows = traces.map(trace => rowsOf(trace, '', ''));
  const widest = (column: (row: Row) => string) => Math.max(...rows.flat().map(row => column(row).length));
  const name = widest(({ branch, title }) => branch + title[0]);
  const service = widest(({ title }) => title[1]);
  return rows
    .map(trace =>
      trace
        .flatMap(({ branch, trunk, title, facts }) => [
          `${(branch + title[0]).padEnd(name)}  ${title[1].padEnd(service)}  ${title[2]}`,
          ...lines(facts).map(line => trunk + line),
        ])
        .join('\n'),
    )
    .join('\n\n');
}

interface Row extends Omit<Shown, 'children'> {
  readonly branch: string;
  readonly trunk: string;
}

function rowsOf({ children, ...shown }: Shown, branch: string, indent: string): Row[] {
  const below = children.flatMap((child, position) => {
    const last = position === children.length - 1;
    return rowsOf(child, `${indent}${last ? '└─ ' : '├─ '}`, `${indent}${last ? '   ' : '│  '}`);
  });
  return [{ ...shown, branch, trunk: indent + (children.length > 0 ? '│  ' : '   ') }, ...below];
}

const WIDTH = 90;

/** Errors and SQL statements have their own lines. Other facts share a line. */
function lines(facts: readonly string[]): string[] {
  const all: string[] = [];
  for (const fact of facts) {
    const joined = `${all.at(-1) ?? ''} · ${fact}`;
    const apart = all.length === 0 || fact.startsWith('✖') || joined.length > WIDTH;
    if (apart) all.push(fact);
    else all[all.length - 1] = joined;
  }
  return all;
}

/**
 * Sorts the children of each span. The SDK rounds start times to milliseconds, so the order of two short spans is not
 * reliable.
 */
export function unordered(traces: readonly Shown[]): Shown[] {
  return traces
    .map(trace => ({ ...trace, children: unordered(trace.children) }))
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
