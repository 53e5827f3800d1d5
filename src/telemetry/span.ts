import type { Context, Link, Span, SpanKind } from '@opentelemetry/api';
import type { KafkaOperation } from '../semconv/operation';
import { conventional, type Naming } from '../semconv/names';
import type { Facts } from '../semconv/vocabulary';
import { recurringAttributes } from './attributes';
import { capturedHeaders } from './captured';
import type { ClientFacts } from './client';
import { attempt, type Telemetry } from './telemetry';

export const NO_LINKS: readonly Link[] = [];

/** What a span is about, beside the operation's own description. */
interface Start {
  readonly kind: SpanKind;
  /** Made for this span: the operation's name is added to it. */
  readonly facts: Facts;
  /** Whose span it is, where that client makes one such span after the other. */
  readonly client?: ClientFacts;
  readonly links?: readonly Link[] | undefined;
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
  { kind, facts, client, links = NO_LINKS, parent, startTime }: Start,
): Span | undefined {
  const { tracer, settings } = telemetry;
  const { vocabulary, naming, traces, captureHeaders } = settings;
  if (traces && attempt(telemetry, 'filter', () => traces(operation)) === false) return undefined;
  facts.operationName = nameOf(operation, naming);
  const attributes = client
    ? recurringAttributes(vocabulary, client, facts)
    : vocabulary.messagingAttributes(facts);
  if (captureHeaders) Object.assign(attributes, capturedHeaders(operation.headers, captureHeaders));
  const name =
    naming === conventional
      ? conventional.span(operation)
      : (attempt(telemetry, 'spanName', () => naming.span(operation)) ?? conventional.span(operation));
  return startTime === undefined
    ? tracer.startSpan(name, { kind, attributes, links: links as Link[] }, parent)
    : tracer.startSpan(name, { kind, attributes, links: links as Link[], startTime }, parent);
}

/** A transaction is no messaging operation of the conventions: it surrounds some. */
function nameOf({ kind, name }: KafkaOperation, naming: Naming): string | undefined {
  return kind === 'transaction' ? undefined : naming.operation(name);
}

/**
 * What an operation on messages is, for filters, names and captured headers.
 *
 * @param message - the message, where it is a single one
 */
export function describe(
  kind: 'send' | 'create' | 'process',
  topic: string | undefined,
  group: string | undefined,
  messageCount: number | undefined,
  message?: unknown,
): KafkaOperation {
  const { key, headers } =
    typeof message === 'object' && message !== null ? (message as KafkaOperation) : NO_MESSAGE;
  return { kind, name: kind, topic, group, messageCount, key, headers };
}

const NO_MESSAGE = { key: undefined, headers: undefined };
