import type { ReceivedSpan } from '../otlp/decode';

/** The children are in the order of their start. */
export interface SpanNode {
  readonly span: ReceivedSpan;
  readonly children: readonly SpanNode[];
  /** True if the parent is not in the trace, or if the parents form a cycle. */
  readonly orphan: boolean;
}

/**
 * Builds the span trees of one trace. Every span appears exactly once, even if its parent is missing or the parents
 * form a cycle.
 */
export function buildSpanTrees(spans: readonly ReceivedSpan[]): SpanNode[] {
  const ordered = [...spans].sort(byStart);
  const byId = new Map(ordered.map(span => [span.spanId, span]));
  const placed = new Set<ReceivedSpan>();

  const toNode = (span: ReceivedSpan, orphan: boolean): SpanNode => {
    placed.add(span);
    const children = ordered.filter(child => child.parentSpanId === span.spanId && !placed.has(child));
    // Mark all children before visiting them, because in a cycle of parents a child can also be its own grandchild.
    for (const child of children) placed.add(child);
    return { span, orphan, children: children.map(child => toNode(child, false)) };
  };

  const isRoot = ({ parentSpanId }: ReceivedSpan) => parentSpanId === undefined || !byId.has(parentSpanId);
  const roots = ordered.filter(isRoot).map(span => toNode(span, span.parentSpanId !== undefined));
  const cycles = ordered.flatMap(span => (placed.has(span) ? [] : [toNode(span, true)]));
  return [...roots, ...cycles];
}

/**
 * The JavaScript SDK rounds start times to milliseconds. If two spans start at the same time, the longer span is
 * probably the parent.
 */
function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return Number(a.start - b.start) || Number(b.end - a.end);
}
