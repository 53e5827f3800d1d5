import { propagation, type Context, type SpanContext } from '@opentelemetry/api';
import { BAGGAGE, fieldGetter, fieldOf, findFields, headerText, originOf, type Headers } from './extract';

const TRACEPARENT = 'traceparent';
const TRACEPARENT_LENGTH = 55;

/** Header values up to this many bytes are decoded directly, without the checks of `headerText`. */
const MAX_LATIN1 = 1024;

/** The span context of a producer, found in the headers of at least one message. */
export interface MessageOrigin {
  readonly context: Context;
  readonly span: SpanContext;
  /** The message that has this span context in its headers, if no other message of the batch has it. */
  readonly only: unknown;
}

interface Group {
  context: Context;
  readonly span: SpanContext | undefined;
  readonly message: unknown;
  readonly baggage: unknown;
  count: number;
}

/**
 * Lists the distinct producer spans in the headers of a batch, in the order of their first messages. Equal header texts
 * are parsed only once. If there are more than `limit` spans, sampled ones are preferred, because a link to an
 * unsampled span leads nowhere.
 *
 * `isComplete` is true if every message was read and has a valid producer span.
 */
export function originsOf(
  reader: { receivedHeaders(message: unknown): Headers | undefined },
  messages: readonly unknown[],
  base: Context,
  limit = Infinity,
): { readonly origins: readonly MessageOrigin[]; readonly isComplete: boolean } {
  const fields = propagation.fields();
  const groups = new Map<string, Group>();
  let isComplete = messages.length > 0;
  let isCut = false;
  let sampled = 0;
  for (const message of messages) {
    if (sampled >= limit) {
      isCut = true;
      break;
    }
    const headers = reader.receivedHeaders(message);
    if (isCut && headers && isUnsampled(headers, fields)) continue;
    const { text, baggage } = headers ? readFields(headers, fields) : NO_FIELDS;
    if (!headers || text === '') {
      isComplete = false;
      continue;
    }
    const group = groups.get(text);
    if (group) {
      group.count++;
      // Two messages have the same span context but different baggage. Keep no baggage, because none is right for both.
      if (!isSameValue(group.baggage, baggage)) group.context = propagation.deleteBaggage(group.context);
      continue;
    }
    if (groups.size >= limit && isUnsampled(headers, fields)) {
      isCut = true;
      continue;
    }
    const found = findFields(headers, fields);
    const context = found ? propagation.extract(base, found, fieldGetter) : base;
    const span = originOf(context);
    if (span && (span.traceFlags & 1) === 1) sampled++;
    groups.set(text, { context, span, message, baggage, count: 1 });
  }
  const distinct = distinctSpans(groups.values(), isCut);
  const isSampled = ({ span }: MessageOrigin) => (span.traceFlags & 1) === 1;
  const origins =
    distinct.length <= limit
      ? distinct
      : [...distinct.filter(isSampled), ...distinct.filter(origin => !isSampled(origin))].slice(0, limit);
  const isEachValid = [...groups.values()].every(({ span }) => span !== undefined);
  return { origins, isComplete: isComplete && !isCut && isEachValid };
}

/** Gives each span only one link. Messages of the same span may differ in other headers, such as `tracestate` or B3. */
function distinctSpans(groups: Iterable<Group>, isCut: boolean): MessageOrigin[] {
  const distinct = new Map<string, MessageOrigin>();
  for (const { context, span, message, count } of groups) {
    if (!span) continue;
    // The span id alone is the usual key, because a joined text is slower to hash. The trace id is added only if two
    // traces use the same span id.
    const namesake = distinct.get(span.spanId);
    const isOther = namesake !== undefined && namesake.span.traceId !== span.traceId;
    const id = isOther ? span.traceId + span.spanId : span.spanId;
    const known = isOther ? distinct.get(id) : namesake;
    distinct.set(
      id,
      known
        ? { ...known, context: propagation.deleteBaggage(known.context), only: undefined }
        : { context, span, only: count > 1 || isCut ? undefined : message },
    );
  }
  return [...distinct.values()];
}

interface Fields {
  /** All trace headers as one text, to compare messages. Empty if there are none. */
  readonly text: string;
  readonly baggage: unknown;
}

const NO_FIELDS: Fields = { text: '', baggage: undefined };

function readFields(headers: Headers, fields: readonly string[]): Fields {
  let text = '';
  let baggage: unknown;
  for (const key in headers) {
    const field = fieldOf(key, fields);
    if (field === undefined) continue;
    const value = headers[key];
    if (field === BAGGAGE) {
      // If the headers contain both `baggage` and `Baggage`, use the lower-case name, as `findFields` does.
      if (key === BAGGAGE || baggage === undefined) baggage = value;
      continue;
    }
    // Trace headers are ASCII, so they can be decoded as latin1, which is the fastest.
    const isShort = Buffer.isBuffer(value) && value.length <= MAX_LATIN1;
    const decoded = isShort ? value.toString('latin1') : headerText(value);
    text += field === TRACEPARENT ? (decoded ?? '-') : `\n${field}=${decoded ?? ''}`;
  }
  return { text, baggage };
}

/** True if the last digit of `traceparent` (the flags) says "not sampled". Reads only that digit, for speed. */
function isUnsampled(headers: Headers, fields: readonly string[]): boolean {
  if (!fields.includes(TRACEPARENT)) return false;
  const value = headers[TRACEPARENT] as ArrayLike<unknown> | null | undefined;
  if (value?.length !== TRACEPARENT_LENGTH) return false;
  const digit = value[TRACEPARENT_LENGTH - 1];
  return EVEN_DIGITS.includes(typeof digit === 'number' ? String.fromCharCode(digit) : String(digit));
}

const EVEN_DIGITS = '02468ace';

function isSameValue(one: unknown, other: unknown): boolean {
  return one === other || headerText(one) === headerText(other);
}
