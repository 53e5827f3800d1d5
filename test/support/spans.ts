import type { Attributes, ReceivedSpan } from './otlp';

/** A span without anything that differs from run to run: ids are the labels of the spans they belong to. */
export interface ComparableSpan {
  readonly name: string;
  readonly kind: string;
  /** Absent on the root of a trace. */
  readonly parent: string | undefined;
  readonly links: readonly { readonly to: string; readonly attributes: Attributes }[];
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly status: { readonly code: string; readonly message: string };
}

/** What is expected of a span, asymmetric matchers allowed; whatever is left out must be empty, and the name the label. */
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
  /** What a span is called; default its name. Spans of one label are numbered in the order of their start: `a #1`, `a #2`. */
  readonly label?: (span: ReceivedSpan) => string;
  /** Labels of span contexts that come from elsewhere, by `traceId-spanId`. */
  readonly known?: Readonly<Record<string, string>>;
}

/** How a span is called that nobody exported: one that was not sampled, or a stranger. */
const NOT_EXPORTED = 'not exported';

/** The spans by label. Order plays no part: spans of several processes arrive in any. */
export function comparableSpans(
  received: readonly ReceivedSpan[],
  { label = span => span.name, known = {} }: SpanOptions = {},
): Record<string, ComparableSpan> {
  const labels = labelsOf(received, label);
  const byId = new Map([...labels].map(([span, text]) => [idOf(span.traceId, span.spanId), text]));
  const called = (traceId: string, spanId: string) => {
    const id = idOf(traceId, spanId);
    return byId.get(id) ?? known[id] ?? NOT_EXPORTED;
  };
  return Object.fromEntries(
    [...labels].map(([span, text]) => [
      text,
      {
        name: span.name,
        kind: span.kind,
        parent: span.parentSpanId === undefined ? undefined : called(span.traceId, span.parentSpanId),
        links: span.links.map(({ traceId, spanId, attributes }) => ({
          to: called(traceId, spanId),
          attributes,
        })),
        attributes: span.attributes,
        events: span.events.map(({ name, attributes }) => ({ name, attributes })),
        status: span.status,
      },
    ]),
  );
}

/** Compares whole spans, all that were received, with what is expected of them, by label. */
export function expectSpans(received: readonly ReceivedSpan[], options?: SpanOptions) {
  return {
    toEqual(expected: Readonly<Record<string, ExpectedSpan>>): void {
      expect(comparableSpans(received, options)).toEqual(
        Object.fromEntries(Object.entries(expected).map(([label, span]) => [label, complete(label, span)])),
      );
    },
  };
}

/** All spans of the trace that begins with the root of this name. */
export function traceOf(received: readonly ReceivedSpan[], root: string): ReceivedSpan[] {
  const roots = received.filter(({ name, parentSpanId }) => name === root && parentSpanId === undefined);
  const [first, ...more] = roots;
  if (!first || more.length > 0) throw new Error(`${roots.length} traces begin with "${root}"`);
  return received.filter(({ traceId }) => traceId === first.traceId);
}

/** How long a span took, in milliseconds. */
export function duration({ start, end }: ReceivedSpan): number {
  return Number(end - start) / 1e6;
}

/** The exception event of an error with a stack trace. */
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
