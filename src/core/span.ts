import type { Context, Link, Span, SpanKind } from '@opentelemetry/api';
import type { Runtime } from '../runtime';
import { semconvNaming, type KafkaOperation } from '../semconv/names';
import type { OperationFacts, OperationType } from '../semconv/vocabulary';
import { attempt, ignoreRejection } from '../support/guard';
import { failSpan } from './errors';
import { capturedHeaders } from './message';
import type { Operation } from './operation';
import type { ErrorReader, MessageReader } from './port';

export const NO_LINKS: readonly Link[] = [];

interface SpanOptions {
  readonly kind: SpanKind;
  readonly facts: OperationFacts;
  readonly parent: Context;
  readonly links?: readonly Link[] | undefined;
  /** Milliseconds since the epoch, for a span that is made after the fact. */
  readonly startTime?: number | undefined;
}

/**
 * Starts the span of an operation. `undefined` when the options `topics` or `filter` leave it out: its children then belong
 * to the surrounding span.
 */
export function startSpan(
  runtime: Runtime,
  operation: KafkaOperation,
  { kind, facts, parent, links = NO_LINKS, startTime }: SpanOptions,
): Span | undefined {
  const { tracer, settings } = runtime;
  const { vocabulary, naming, makesSpan, captureHeaders } = settings;
  if (makesSpan && attempt(runtime, 'filter', () => makesSpan(operation)) === false) return undefined;
  const attributes = vocabulary.spanAttributes(facts);
  if (captureHeaders) Object.assign(attributes, capturedHeaders(operation.headers, captureHeaders));
  const name =
    naming === semconvNaming
      ? semconvNaming.span(operation)
      : (attempt(runtime, 'spanName', () => naming.span(operation)) ?? semconvNaming.span(operation));
  return startTime === undefined
    ? tracer.startSpan(name, { kind, attributes, links: links as Link[] }, parent)
    : tracer.startSpan(name, { kind, attributes, links: links as Link[], startTime }, parent);
}

/** Describes an operation on messages, for filters, names and captured headers. */
export function describeMessages(
  kind: 'send' | 'create' | 'process',
  topic: string | undefined,
  group: string | undefined,
  messageCount: number | undefined,
  reader?: MessageReader,
  single?: unknown,
): KafkaOperation {
  const isSingle = reader !== undefined && single !== undefined;
  return {
    kind,
    name: kind,
    topic,
    group,
    messageCount,
    key: isSingle ? reader.key(single) : undefined,
    headers: isSingle ? reader.headers(single) : undefined,
  };
}

/** Calls a user's hook with a recorded span. It is not awaited, and its errors are logged. */
export function runHook<Info>(
  runtime: Runtime,
  name: 'producerHook' | 'consumerHook' | 'batchHook',
  hook: ((span: Span, info: Info) => unknown) | undefined,
  span: Span | undefined,
  info: () => Info,
): void {
  if (!hook || !span) return;
  attempt(runtime, name, () => {
    if (!span.isRecording()) return;
    ignoreRejection(hook(span, info()), error => {
      attempt(runtime, name, () => {
        throw error;
      });
    });
  });
}

/** An operation that is one span. Without a span, where filters leave it out, it does nothing. */
export class SpanOperation implements Operation {
  constructor(
    protected readonly runtime: Runtime,
    protected readonly span: Span | undefined,
    private readonly type: OperationType | undefined,
    private readonly errors: ErrorReader,
    readonly context: Context | undefined,
  ) {}

  end(_result?: unknown): void {
    this.span?.end();
  }

  fail(error: unknown): void {
    const { runtime, span, type, errors } = this;
    attempt(runtime, 'span', () => {
      if (span?.isRecording()) failSpan(runtime, span, type, error, errors);
    });
    span?.end();
  }
}
