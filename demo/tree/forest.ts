import type { ReceivedSpan } from '../../test/support/otlp';

/** A span and the spans below it, in order of their start. */
export interface SpanNode {
  readonly span: ReceivedSpan;
  readonly children: readonly SpanNode[];
  /** It names a parent that is not there, or is in a circle of parents. */
  readonly orphan: boolean;
}

/** Arranges the spans of one trace under their parents. Each span appears exactly once, whatever its parent says. */
export function plantForest(spans: readonly ReceivedSpan[]): SpanNode[] {
  const ordered = [...spans].sort(byStart);
  const byId = new Map(ordered.map(span => [span.spanId, span]));
  const placed = new Set<ReceivedSpan>();

  const grow = (span: ReceivedSpan, orphan: boolean): SpanNode => {
    placed.add(span);
    const below = ordered.filter(child => child.parentSpanId === span.spanId && !placed.has(child));
    // Claimed before any of them grows: in a circle a grandchild could be one of them.
    for (const child of below) placed.add(child);
    return { span, orphan, children: below.map(child => grow(child, false)) };
  };

  const isTop = ({ parentSpanId }: ReceivedSpan) => parentSpanId === undefined || !byId.has(parentSpanId);
  const tops = ordered.filter(isTop).map(span => grow(span, span.parentSpanId !== undefined));
  const circles = ordered.flatMap(span => (placed.has(span) ? [] : [grow(span, true)]));
  return [...tops, ...circles];
}

/** JavaScript's SDK starts spans on whole milliseconds; among equals the one that took longer is likely the outer one. */
function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return Number(a.start - b.start) || Number(b.end - a.end);
}
