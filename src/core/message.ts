import type { Attributes } from '@opentelemetry/api';
import { capturedHeader } from '../semconv/vocabulary';
import { truncate } from '../support/truncate';
import type { Headers, MessageReader } from './port';

/** Characters recorded of a key or of a captured header. */
const MAX_VALUE = 256;

/** Captured headers per span, values per header, and characters of a name: a record may have thousands. */
const MAX_HEADERS = 16;
const MAX_HEADER_VALUES = 8;
const MAX_HEADER_NAME = 256;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What one message adds to the attributes of a span or a link. */
export interface MessageFacts {
  readonly key: string | undefined;
  readonly tombstone: boolean;
}

export const NO_MESSAGE: MessageFacts = { key: undefined, tombstone: false };

export function messageFacts(reader: MessageReader, message: unknown, captureKey: boolean): MessageFacts {
  return {
    key: captureKey ? textValue(reader.key(message)) : undefined,
    tombstone: reader.isTombstone(message),
  };
}

/** A key or header value as text. `undefined` for bytes that are not UTF-8: binary keys are left out, never garbled. */
export function textValue(value: unknown): string | undefined {
  if (typeof value === 'string') return truncate(value, MAX_VALUE);
  if (!Buffer.isBuffer(value)) return undefined;
  const head = value.length > MAX_VALUE * 4 ? headOf(value) : value;
  const text = head.toString('utf8');
  // Invalid bytes decode to U+FFFD, which valid text may contain too. Strict decoding decides, at three times the cost.
  if (!text.includes('\uFFFD')) return truncate(text, MAX_VALUE);
  try {
    return truncate(strictUtf8.decode(head), MAX_VALUE);
  } catch {
    return undefined;
  }
}

/** Enough bytes for `MAX_VALUE` characters, cut between two characters. */
function headOf(value: Buffer): Buffer {
  const isContinuation = (index: number) => ((value[index] ?? 0) & 0xc0) === 0x80;
  let end = MAX_VALUE * 4;
  for (let back = 0; back < 3 && isContinuation(end); back++) end--;
  return value.subarray(0, end);
}

/** The headers chosen by the option `captureHeaders`, each as a list of texts: Kafka allows a header to repeat. */
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
  if (partition === undefined) return undefined;
  return messages.every(message => reader.partition(message) === partition) ? partition : undefined;
}
