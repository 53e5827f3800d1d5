import type { Attributes, Context, Link, Span, SpanKind } from '@opentelemetry/api';
import type { Settings } from '../config/settings';
import type { Runtime } from '../runtime';
import {
  capturedHeader,
  type KafkaOperation,
  type OperationFacts,
  type OperationType,
} from '../semconv/vocabulary';
import { attempt, ignoreRejection } from '../support/guard';
import { truncate } from '../support/truncate';
import { failSpan } from './errors';
import type { Operation } from './operation';
import type { ErrorReader, Headers, MessageReader } from './port';

/** The highest number of links on one span. It is the SDK's own default limit. */
export const MAX_LINKS = 128;

export const NO_LINKS: readonly Link[] = [];

interface SpanOptions {
  readonly kind: SpanKind;
  readonly facts: OperationFacts;
  readonly parent: Context;
  readonly links?: readonly Link[] | undefined;
  /** Milliseconds since the epoch. For a span that is created at the end of its operation. */
  readonly startTime?: number | undefined;
}

/**
 * Starts the span of an operation. Returns `undefined` if the option `topics` or `filter` leaves the span out. Child spans
 * are then children of the surrounding span.
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
    naming.span === naming.conventional
      ? naming.conventional(operation)
      : (attempt(runtime, 'spanName', () => naming.span(operation)) ?? naming.conventional(operation));
  return startTime === undefined
    ? tracer.startSpan(name, { kind, attributes, links: links as Link[] }, parent)
    : tracer.startSpan(name, { kind, attributes, links: links as Link[], startTime }, parent);
}

/** Describes an operation on messages for the options `filter`, `spanName` and `captureHeaders`. */
export function describeMessages(
  { readsMessages }: Settings,
  kind: 'send' | 'create' | 'process',
  topic: string | undefined,
  group: string | undefined,
  messageCount: number | undefined,
  reader?: MessageReader,
  single?: unknown,
): KafkaOperation {
  const isSingle = readsMessages && reader !== undefined && single !== undefined;
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

/** Calls a user's hook if the span is recorded. The hook is not awaited, and its errors are logged. */
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

/** An operation with one span. Does nothing if `topics` or `filter` left the span out. */
export class SpanOperation implements Operation {
  constructor(
    protected readonly runtime: Runtime,
    protected readonly span: Span | undefined,
    private readonly type: OperationType | undefined,
    private readonly errors: ErrorReader,
    readonly context: Context | undefined,
  ) {}

  end(): void {
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

/** How many characters of a key or of a captured header are recorded. */
const MAX_VALUE = 256;

/**
 * How many captured headers a span has, how many values a header has, and how many characters a name has. A record may have
 * thousands of headers.
 */
const MAX_HEADERS = 16;
const MAX_HEADER_VALUES = 8;
const MAX_HEADER_NAME = 256;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The facts about a single message for the attributes of a span or a link. */
export interface MessageFacts {
  readonly key: string | undefined;
  readonly tombstone: boolean;
  readonly bodySize: number | undefined;
}

export const NO_MESSAGE: MessageFacts = { key: undefined, tombstone: false, bodySize: undefined };

export function messageFacts(
  reader: MessageReader,
  message: unknown,
  { captureKey, captureSizes }: Settings,
): MessageFacts {
  const value = reader.value(message);
  return {
    key: captureKey ? textValue(reader.key(message)) : undefined,
    tombstone: value === null,
    bodySize: captureSizes ? reader.valueSize(value) : undefined,
  };
}

/**
 * A key or header value as text. `undefined` for bytes that are not UTF-8, so that a binary key is not recorded as unreadable
 * text.
 */
export function textValue(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length <= MAX_VALUE ? value : truncate(value, MAX_VALUE);
  if (!Buffer.isBuffer(value)) return undefined;
  const head = value.length > MAX_VALUE * 4 ? headOf(value) : value;
  const text = head.toString('utf8');
  // U+FFFD in the result replaces invalid bytes, or is part of a valid text. Only strict decoding can tell. It costs three
  // times as much, so it is used only if the result contains U+FFFD.
  if (!text.includes('\uFFFD')) return text.length <= MAX_VALUE ? text : truncate(text, MAX_VALUE);
  try {
    return truncate(strictUtf8.decode(head), MAX_VALUE);
  } catch {
    return undefined;
  }
}

/** The first bytes, enough for `MAX_VALUE` characters. Never cuts inside a character. */
function headOf(value: Buffer): Buffer {
  const isContinuation = (index: number) => ((value[index] ?? 0) & 0xc0) === 0x80;
  let end = MAX_VALUE * 4;
  for (let back = 0; back < 3 && isContinuation(end); back++) end--;
  return value.subarray(0, end);
}

/** The headers that the option `captureHeaders` selects, each as a list of texts, because Kafka allows a header to repeat. */
export function capturedHeaders(
  headers: Headers | undefined,
  isChosen: (name: string) => boolean,
): Attributes {
  const captured: Attributes = {};
  let count = 0;
  for (const name of Object.keys(headers ?? {})) {
    if (count >= MAX_HEADERS) break;
    if (name.length > MAX_HEADER_NAME || !isChosen(name)) continue;
    const value = headers?.[name];
    const values: unknown[] = Array.isArray(value) ? value.slice(0, MAX_HEADER_VALUES) : [value];
    const texts = values.map(textValue).filter(text => text !== undefined);
    if (texts.length === 0) continue;
    captured[capturedHeader(name)] = texts;
    count++;
  }
  return captured;
}

/** The partition, if the program chose the same one for every message. */
export function commonPartition(reader: MessageReader, messages: readonly unknown[]): number | undefined {
  const partition = messages.length === 0 ? undefined : reader.partition(messages[0]);
  // A negative partition, or one that is not a number, does not exist, so it is not recorded.
  if (partition === undefined || !(partition >= 0)) return undefined;
  for (let index = 1; index < messages.length; index++)
    if (reader.partition(messages[index]) !== partition) return undefined;
  return partition;
}
