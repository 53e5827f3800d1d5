import { isField, readable, text, type Headers } from './headers';

/** How a value looks that W3C's propagator wrote: version, trace id, span id and flags, 55 characters. */
const TRACEPARENT = 'traceparent';
const TRACEPARENT_LENGTH = 55;

/** As much of a value's end as tells one span from the next. */
const HASHED = 24;

type Value = string | Buffer;

/** The values of the trace headers of one message as they came, to be compared without decoding them. */
export class TraceHeaders {
  private constructor(
    private readonly key: string,
    private readonly value: Value,
    /** Of further headers, `tracestate` or those of B3; mostly there are none. */
    private readonly rest: readonly Value[] | undefined,
  ) {}

  /** `undefined` where a message has none. */
  static of(headers: Headers, fields: readonly string[]): TraceHeaders | undefined {
    let first: string | undefined;
    let value: Value = '';
    let rest: Value[] | undefined;
    for (const key in headers) {
      if (!isField(key, fields)) continue;
      const given = readable(headers[key]) ?? '';
      if (first === undefined) {
        first = key;
        value = given;
      } else (rest ??= []).push(given);
    }
    return first === undefined ? undefined : new TraceHeaders(first, value, rest);
  }

  equals({ value, rest }: TraceHeaders): boolean {
    if (!isSame(this.value, value) || this.rest?.length !== rest?.length) return false;
    return this.rest?.every((one, index) => isSame(one, rest?.[index] ?? '')) ?? true;
  }

  /** Equal headers have equal hashes, be they text or bytes. */
  hash(): number {
    return hashOf(this.value);
  }

  /** `undefined` where only the propagator can tell. */
  get isSampled(): boolean | undefined {
    if (this.key.toLowerCase() !== TRACEPARENT || this.value.length !== TRACEPARENT_LENGTH) return undefined;
    const flags = Number.parseInt(String.fromCharCode(codeAt(this.value, TRACEPARENT_LENGTH - 1)), 16);
    return Number.isNaN(flags) ? undefined : (flags & 1) === 1;
  }
}

function isSame(one: Value, other: Value): boolean {
  if (one.length !== other.length) return false;
  if (typeof one === 'string' && typeof other === 'string') return one === other;
  // Within the span id: what differs mostly differs here, and the rest need not be compared.
  const at = one.length - HASHED / 2;
  if (at >= 0 && codeAt(one, at) !== codeAt(other, at)) return false;
  return typeof one === 'string' || typeof other === 'string' ? text(one) === text(other) : one.equals(other);
}

function hashOf(value: Value): number {
  let hash = value.length;
  for (let at = Math.max(0, value.length - HASHED); at < value.length; at++)
    hash = (Math.imul(hash, 31) + codeAt(value, at)) | 0;
  return hash;
}

const codeAt = (value: Value, at: number): number =>
  typeof value === 'string' ? value.charCodeAt(at) : (value[at] ?? 0);
