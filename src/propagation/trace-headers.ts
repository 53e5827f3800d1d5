import { BAGGAGE, isField, isSameField, readable, text, type Headers } from './headers';

/** How a value looks that W3C's propagator wrote: version, trace id, span id and flags, 55 characters. */
export const TRACEPARENT = 'traceparent';
const TRACEPARENT_LENGTH = 55;

/** The last half of the span id, which is random: as much as a hash can hold. */
const HASHED_OF_ID = { start: 44, end: 52 } as const;

/** As much of any other value's end as tells one span from the next. */
const HASHED = 24;

type Value = string | Buffer;

/** The values of the trace headers of one message as they came, to be compared without decoding them. */
export class TraceHeaders {
  private constructor(
    private readonly key: string,
    private readonly value: Value,
    /** Of further headers, `tracestate` or those of B3; mostly there are none. */
    private readonly rest: readonly Value[] | undefined,
    readonly baggage: string | undefined,
  ) {}

  /**
   * `undefined` where a message has none.
   *
   * @param fields - those that tell of a trace
   */
  static of(headers: Headers, fields: readonly string[], readsBaggage: boolean): TraceHeaders | undefined {
    let first: string | undefined;
    let value: Value = '';
    let rest: Value[] | undefined;
    let baggage: string | undefined;
    for (const key in headers) {
      if (isField(key, fields)) {
        const given = readable(headers[key]) ?? '';
        if (first === undefined) {
          first = key;
          value = given;
        } else (rest ??= []).push(given);
      } else if (readsBaggage && isSameField(key, BAGGAGE)) baggage ??= text(headers[key]);
    }
    return first === undefined ? undefined : new TraceHeaders(first, value, rest, baggage);
  }

  /** Whether both tell of the same trace in the same words; baggage is no part of that. */
  equals({ key, value, rest }: TraceHeaders): boolean {
    if (!isSame(this.value, value) || this.key !== key || this.rest?.length !== rest?.length) return false;
    return this.rest?.every((one, index) => isSame(one, rest?.[index] ?? '')) ?? true;
  }

  /** The key of the only one, where there is no other and no baggage either. */
  get only(): string | undefined {
    return this.rest === undefined && this.baggage === undefined ? this.key : undefined;
  }

  /** Equal headers have equal hashes, be they text or bytes; so have all that W3C's propagator wrote of the same span. */
  hash(): number {
    const { value } = this;
    return this.isPlain
      ? hashOf(value, HASHED_OF_ID.start, HASHED_OF_ID.end)
      : hashOf(value, Math.max(0, value.length - HASHED), value.length);
  }

  /** Whether a `traceparent` comes first, of the usual length: nobody else writes of its span with another hash. */
  get isPlain(): boolean {
    return this.key === TRACEPARENT && this.value.length === TRACEPARENT_LENGTH;
  }

  /** `undefined` where only the propagator can tell. */
  get isSampled(): boolean | undefined {
    return this.key === TRACEPARENT ? sampledBy(this.value) : undefined;
  }
}

/**
 * Whether the headers of a message plainly tell of a span that is not sampled. A batch may have thousands of them that nothing else is
 * asked of, so nothing is made for that, nor is it asked what headers and value are: an ending like this is told by either.
 */
export function isUnsampled(message: unknown): boolean {
  const { headers } = (message ?? {}) as { headers?: Record<string, unknown> | null };
  return sampledBy(headers?.[TRACEPARENT] as Partial<ArrayLike<unknown>> | undefined) === false;
}

/** What the last digit of a `traceparent` says, be it text or bytes; `undefined` of anything else. */
function sampledBy(value: Partial<ArrayLike<unknown>> | undefined): boolean | undefined {
  const flags = value?.length === TRACEPARENT_LENGTH ? value[TRACEPARENT_LENGTH - 1] : undefined;
  if (typeof flags === 'number') return isOdd(flags);
  return typeof flags === 'string' ? isOdd(flags.charCodeAt(0)) : undefined;
}

/** Whether a hexadecimal digit is; `undefined` where it is none. Nearly all flags are 0 or 1, and need no text to be made. */
function isOdd(digit: number): boolean | undefined {
  if (digit === ZERO) return false;
  if (digit === ONE) return true;
  const flags = Number.parseInt(String.fromCharCode(digit), 16);
  return Number.isNaN(flags) ? undefined : (flags & 1) === 1;
}

const ZERO = '0'.charCodeAt(0);
const ONE = '1'.charCodeAt(0);

function isSame(one: Value, other: Value): boolean {
  if (one.length !== other.length) return false;
  if (typeof one === 'string' && typeof other === 'string') return one === other;
  // The last digit of the span id: what differs mostly differs here, and the rest need not be compared.
  const at = one.length - 4;
  if (at >= 0 && codeAt(one, at) !== codeAt(other, at)) return false;
  return typeof one === 'string' || typeof other === 'string' ? text(one) === text(other) : one.equals(other);
}

function hashOf(value: Value, start: number, end: number): number {
  let hash = value.length;
  if (typeof value === 'string')
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + value.charCodeAt(at)) | 0;
  else for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (value[at] ?? 0)) | 0;
  return hash;
}

const codeAt = (value: Value, at: number): number =>
  typeof value === 'string' ? value.charCodeAt(at) : (value[at] ?? 0);
