import type { Attributes } from '@opentelemetry/api';
import { headerRecord } from '../propagation/copies';
import { capturedHeader } from '../semconv/vocabulary';
import { keyText } from './message';

/** Headers recorded on one span, and values of a header that repeats: a stranger may send thousands. */
const MAX_HEADERS = 16;
const MAX_VALUES = 8;

/** The longest name that is recorded, in characters. Half a name would be another one's. */
const MAX_NAME = 256;

/**
 * The chosen headers of a message, each as a list of texts: Kafka lets a header repeat. Values are cut like keys, and those
 * that are not text are left out.
 */
export function capturedHeaders(headers: unknown, isChosen: (name: string) => boolean): Attributes {
  const captured: Attributes = {};
  const record = headerRecord(headers);
  if (!record) return captured;
  let count = 0;
  for (const name of Object.keys(record)) {
    if (count >= MAX_HEADERS) break;
    if (name.length > MAX_NAME || !isChosen(name)) continue;
    const value = record[name];
    const values: unknown[] = Array.isArray(value) ? value.slice(0, MAX_VALUES) : [value];
    const texts = values.map(keyText).filter(text => text !== undefined);
    if (texts.length === 0) continue;
    captured[capturedHeader(name)] = texts;
    count++;
  }
  return captured;
}
