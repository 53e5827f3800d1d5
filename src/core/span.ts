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

/** The SDK has the same default limit of links per span. */
export const MAX_LINKS = 128;

export const NO_LINKS: readonly Link[] = [];

interface SpanOptions {
  readonly kind: SpanKind;
  readonly facts: OperationFacts;
  readonly parent: Context;
  readonly links?: readonly Link[] | undefined;
  /** Milliseconds since the epoch. Needed only for a span that is created when its operation ends. */
  readonly startTime?: number | undefined;
}

/** Starts the span of an operation. Returns `undefined` if the options `topics` or `filter` suppress the span. */
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

/** Creates the object that the options `filter`, `spanName` and `captureHeaders` read. */
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

/** An operation with one span. Does nothing if the options `topics` or `filter` have suppressed the span. */
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

/** Longer keys and header values are cut to this number of characters. */
const MAX_VALUE = 256;

/**
 * Limits for captured headers: headers per span, values per header, characters per name. A record may have thousands of
 * headers.
 */
const MAX_HEADERS = 16;
const MAX_HEADER_VALUES = 8;
const MAX_HEADER_NAME = 256;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface MessageFacts {
  readonly key: string | undefined;
  readonly tombstone: boolean;
  readonly bodySize: number | undefined;
}

export const NO_MESSAGE_FACTS: MessageFacts = { key: undefined, tombstone: false, bodySize: undefined };

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
 * Returns a key or header value as text. Returns `undefined` for bytes that are not UTF-8, because a binary key would become
 * unreadable text.
 */
export function textValue(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length <= MAX_VALUE ? value : truncate(value, MAX_VALUE);
  if (!Buffer.isBuffer(value)) return undefined;
  const head = value.length > MAX_VALUE * 4 ? headOf(value) : value;
  const text = head.toString('utf8');
  // `toString` replaces invalid bytes with U+FFFD, but valid text may contain U+FFFD too. Only strict decoding shows the
  // difference. It costs three times as much, so it is used only for results with U+FFFD.
  if (!text.includes('\uFFFD')) return text.length <= MAX_VALUE ? text : truncate(text, MAX_VALUE);
  try {
    return truncate(strictUtf8.decode(head), MAX_VALUE);
  } catch {
    return undefined;
  }
}

/** The first bytes, enough for `MAX_VALUE` characters. Does not cut a UTF-8 character in two. */
function headOf(value: Buffer): Buffer {
  const isContinuation = (index: number) => ((value[index] ?? 0) & 0xc0) === 0x80;
  let end = MAX_VALUE * 4;
  for (let back = 0; back < 3 && isContinuation(end); back++) end--;
  return value.subarray(0, end);
}

/**
 * Returns the headers that the option `captureHeaders` selects. Each value is a list, because Kafka allows a header to
 * repeat.
 */
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

export function commonPartition(reader: MessageReader, messages: readonly unknown[]): number | undefined {
  const partition = messages.length === 0 ? undefined : reader.partition(messages[0]);
  // Negative numbers and `NaN` are not partitions, so they are not recorded.
  if (partition === undefined || !(partition >= 0)) return undefined;
  for (let index = 1; index < messages.length; index++)
    if (reader.partition(messages[index]) !== partition) return undefined;
  return partition;
}
