import type { Attributes, Context, Span, SpanContext, SpanKind } from '@opentelemetry/api';
import type { KafkaOperation } from '../semconv/operation';
import { conventional, type Naming } from '../semconv/names';
import type { Facts } from '../semconv/vocabulary';
import { capturedHeaders } from './captured';
import { attempt, type Telemetry } from './telemetry';

/** What a span is about, beside the operation's own description. */
interface Start {
  readonly kind: SpanKind;
  readonly facts: Facts;
  readonly links?: readonly { readonly context: SpanContext; readonly attributes?: Attributes }[];
  readonly parent: Context;
  /** Milliseconds of the epoch, for a span that is made after the fact. */
  readonly startTime?: number | undefined;
}

/**
 * Starts the span of an operation, named as the program wants it; `undefined` where its filters leave the operation out. It
 * is then not seen at all, and what it would have been the parent of belongs to whatever surrounds it.
 */
export function startSpan(
  telemetry: Telemetry,
  operation: KafkaOperation,
  { kind, facts, links = [], parent, startTime }: Start,
): Span | undefined {
  const { tracer, settings } = telemetry;
  const { vocabulary, naming, traces, captureHeaders } = settings;
  if (traces && attempt(telemetry, 'filter', () => traces(operation)) === false) return undefined;
  const attributes = vocabulary.messagingAttributes({
    ...facts,
    operationName: nameOf(operation, naming),
  });
  if (captureHeaders) Object.assign(attributes, capturedHeaders(operation.headers, captureHeaders));
  const name = attempt(telemetry, 'spanName', () => naming.span(operation)) ?? conventional.span(operation);
  const options = { kind, attributes, links: [...links] };
  return tracer.startSpan(name, startTime === undefined ? options : { ...options, startTime }, parent);
}

/** A transaction is no messaging operation of the conventions: it surrounds some. */
function nameOf({ kind, name }: KafkaOperation, naming: Naming): string | undefined {
  return kind === 'transaction' ? undefined : naming.operation(name);
}

/** The parts of a message that filters, names and captured headers may look at. */
export function single(message: unknown): Pick<KafkaOperation, 'key' | 'headers'> {
  if (typeof message !== 'object' || message === null) return {};
  const { key, headers } = message as KafkaOperation;
  return { key, headers };
}
