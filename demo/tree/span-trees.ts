import type { ReceivedSpan } from '../../test/support/otlp';

/** A span and its child spans, in order of their start. */
export interface SpanNode {
  readonly span: ReceivedSpan;
  readonly children: readonly SpanNode[];
  /** The parent is not in the trace, or the parents form a cycle. */
  readonly orphan: boolean;
}

/** Builds the span trees of one trace. Each span appears exactly once, even with a missing parent or a cycle of parents. */
export function buildSpanTrees(spans: readonly ReceivedSpan[]): SpanNode[] {
  const ordered = [...spans].sort(byStart);
  const byId = new Map(ordered.map(span => [span.spanId, span]));
  const placed = new Set<ReceivedSpan>();

  const toNode = (span: ReceivedSpan, orphan: boolean): SpanNode => {
    placed.add(span);
    const children = ordered.filter(child => child.parentSpanId === span.spanId && !placed.has(child));
    // Mark all children before visiting any of them: in a cycle, a grandchild can be one of them.
    for (const child of children) placed.add(child);
    return { span, orphan, children: children.map(child => toNode(child, false)) };
  };

  const isRoot = ({ parentSpanId }: ReceivedSpan) => parentSpanId === undefined || !byId.has(parentSpanId);
  const roots = ordered.filter(isRoot).map(span => toNode(span, span.parentSpanId !== undefined));
  const cycles = ordered.flatMap(span => (placed.has(span) ? [] : [toNode(span, true)]));
  return [...roots, ...cycles];
}

/** The JavaScript SDK rounds start times to milliseconds. On a tie, the longer span is likely the outer one. */
function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return Number(a.start - b.start) || Number(b.end - a.end);
}
