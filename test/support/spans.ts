import type { Attributes, ReceivedSpan } from './otlp';

/**
 * A span in a form that is the same in every run: times are left out, and span ids are replaced by labels. The default
 * label is the name of the span.
 */
export interface ComparableSpan {
  readonly name: string;
  readonly kind: string;
  /** Label of the parent span. Undefined for the root of a trace. */
  readonly parent: string | undefined;
  readonly links: readonly { readonly to: string; readonly attributes: Attributes }[];
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly status: { readonly code: string; readonly message: string };
}

/**
 * An expected span. Its values may be jest matchers. If `name` is left out, the label is the expected name. If another
 * field is left out, the received field must be empty.
 */
export interface ExpectedSpan {
  readonly name?: string;
  readonly kind: string;
  readonly parent?: string;
  readonly links?: readonly {
    readonly to: string;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly events?: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly status?: { readonly code: string; readonly message?: unknown };
}

export interface SpanOptions {
  /**
   * Returns the label of a span. Default: its name. Spans with the same label get numbers in the order of their start:
   * `a #1`, `a #2`.
   */
  readonly label?: (span: ReceivedSpan) => string;
  /** Labels of spans that the collector did not receive, by `traceId-spanId`. */
  readonly known?: Readonly<Record<string, string>>;
}

/** Label of a span that was not exported, for example because it was not sampled. */
const NOT_EXPORTED = 'not exported';

/** Returns the spans by label. The order in which they arrive does not matter. */
export function comparableSpans(
  received: readonly ReceivedSpan[],
  { label = span => span.name, known = {} }: SpanOptions = {},
): Record<string, ComparableSpan> {
  const labels = labelsOf(received, label);
  const byId = new Map([...labels].map(([span, text]) => [idOf(span.traceId, span.spanId), text]));
  const labelOf = (traceId: string, spanId: string) => {
    const id = idOf(traceId, spanId);
    return byId.get(id) ?? known[id] ?? NOT_EXPORTED;
  };
  return Object.fromEntries(
    [...labels].map(([span, text]) => [
      text,
      {
        name: span.name,
        kind: span.kind,
        parent: span.parentSpanId === undefined ? undefined : labelOf(span.traceId, span.parentSpanId),
        links: span.links.map(({ traceId, spanId, attributes }) => ({
          to: labelOf(traceId, spanId),
          attributes,
        })),
        attributes: span.attributes,
        events: span.events.map(({ name, attributes }) => ({ name, attributes })),
        status: span.status,
      },
    ]),
  );
}

/** Compares all received spans with the expected spans. Additional spans and attributes are errors. */
export function expectSpans(received: readonly ReceivedSpan[], options?: SpanOptions) {
  return {
    toEqual(expected: Readonly<Record<string, ExpectedSpan>>): void {
      expect(comparableSpans(received, options)).toEqual(
        Object.fromEntries(Object.entries(expected).map(([label, span]) => [label, complete(label, span)])),
      );
    },
  };
}

/** Returns all spans of the trace whose root span has this name. Throws if there is no such trace or more than one. */
export function traceOf(received: readonly ReceivedSpan[], root: string): ReceivedSpan[] {
  const roots = received.filter(({ name, parentSpanId }) => name === root && parentSpanId === undefined);
  const [first, ...more] = roots;
  if (!first || more.length > 0)
    throw new Error(`expected one trace with the root span "${root}", got ${roots.length}`);
  return received.filter(({ traceId }) => traceId === first.traceId);
}

/** Milliseconds. */
export function duration({ start, end }: ReceivedSpan): number {
  return Number(end - start) / 1e6;
}

export function exceptionEvent(type: string, message: string): NonNullable<ExpectedSpan['events']>[number] {
  return {
    name: 'exception',
    attributes: {
      'exception.type': type,
      'exception.message': message,
      'exception.stacktrace': expect.stringContaining(message) as unknown,
    },
  };
}

function complete(label: string, expected: ExpectedSpan) {
  const { kind, parent, links = [], attributes = {}, events = [], status } = expected;
  return {
    name: expected.name ?? label,
    kind,
    parent,
    links: links.map(link => ({ attributes: {}, ...link })),
    attributes,
    events,
    status: { code: 'UNSET', message: '', ...status },
  };
}

function labelsOf(
  received: readonly ReceivedSpan[],
  label: (span: ReceivedSpan) => string,
): Map<ReceivedSpan, string> {
  const groups = new Map<string, ReceivedSpan[]>();
  for (const span of received) {
    const text = label(span);
    const group = groups.get(text);
    if (group) group.push(span);
    else groups.set(text, [span]);
  }
  const labels = new Map<ReceivedSpan, string>();
  for (const [text, group] of groups) {
    const inOrder = [...group].sort((one, other) => Number(one.start - other.start));
    inOrder.forEach((span, index) => {
      labels.set(span, group.length === 1 ? text : `${text} #${index + 1}`);
    });
  }
  return labels;
}

const idOf = (traceId: string, spanId: string): string => `${traceId}-${spanId}`;
