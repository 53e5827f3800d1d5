import { propagation, type Context, type SpanContext } from '@opentelemetry/api';
import { producerOf } from './extract';
import { BAGGAGE, fieldGetter, headersOf, type Headers } from './headers';
import { TRACEPARENT, TraceHeaders, isUnsampled } from './trace-headers';

/** The span contexts that messages of a batch came from, each once, in the order of their first message. */
export interface Producers<Message> {
  readonly distinct: readonly Producer<Message>[];
  /** Whether every message brought a context. Not known, and false, where there are more producers than were asked for. */
  readonly complete: boolean;
}

export interface Producer<Message> {
  readonly context: Context;
  readonly span: SpanContext;
  /** The message, where the context is known to be that of one message only. */
  readonly only: Message | undefined;
}

/** Messages that carry the same trace headers. */
interface Group<Message> {
  readonly message: Message;
  readonly headers: Headers;
  readonly trace: TraceHeaders;
  /** Another group of the same hash. */
  next: Group<Message> | undefined;
  count: number;
  /** Contexts may differ in baggage only; none is then that of all the group's messages. */
  isMixed: boolean;
}

interface Groups<Message> {
  readonly groups: readonly Group<Message>[];
  /** Whether every message is in one of them. */
  readonly isComplete: boolean;
  /** Whether it was not looked at every message: a group may have more of them then. */
  readonly isCut: boolean;
  /** Whether two of them may tell of the same span in different words. */
  readonly mayRepeat: boolean;
}

/**
 * Looks at every message of a batch. Messages of one send carry the same bytes, and comparing these costs a small part of
 * what a propagator does, so that only gets to see each distinct value once, and no more of them than there is use for.
 *
 * @param most - how many producers to give at most; where there are more, sampled ones come first: behind an unsampled one
 * there is nothing to look at
 */
export function producersOf<Message>(
  messages: readonly Message[],
  base: Context,
  most = Infinity,
): Producers<Message> {
  const fields = propagation.fields();
  const { groups, isComplete, isCut, mayRepeat } = groupsOf(messages, fields, most);
  const from: From = { base, fields, isCut };
  const distinct = mayRepeat ? merged : same;
  if (groups.length <= most) {
    const found: Producer<Message>[] = [];
    for (const group of groups) {
      const producer = extracted(group, from);
      if (producer) found.push(producer);
    }
    return { distinct: distinct(found), complete: isComplete && found.length === groups.length };
  }
  const sampled: Producer<Message>[] = [];
  const others: Producer<Message>[] = [];
  for (const group of groups) {
    if (sampled.length === most) break;
    // Told by a look at the flags, an unsampled one is extracted only while there may be room for it.
    const isUnsampled = group.trace.isSampled === false;
    if (isUnsampled && others.length === most) continue;
    const found = extracted(group, from);
    if (found) ((found.span.traceFlags & 1) === 1 ? sampled : others).push(found);
  }
  return { distinct: distinct([...sampled, ...others].slice(0, most)), complete: false };
}

/**
 * It ends where there are `most` groups whose spans are sampled: of more there is no use. With as many of others, only sampled
 * ones are still looked for.
 */
function groupsOf<Message>(
  messages: readonly Message[],
  fields: readonly string[],
  most: number,
): Groups<Message> {
  const traceFields = fields.filter(field => field.toLowerCase() !== BAGGAGE);
  const readsBaggage = fields.length > traceFields.length;
  const readsTraceparent = traceFields.includes(TRACEPARENT);
  const groups: Group<Message>[] = [];
  if (traceFields.length === 0) return { groups, isComplete: false, isCut: false, mayRepeat: false };
  const byHash = new Map<number, Group<Message>>();
  let isComplete = messages.length > 0;
  let mayRepeat = false;
  let isCut = false;
  let sampled = 0;
  let last: Group<Message> | undefined;
  for (const message of messages) {
    if (sampled === most) {
      isCut = true;
      break;
    }
    // Of more than enough producers none but sampled ones is looked for.
    if (isCut && readsTraceparent && isUnsampled(message)) continue;
    const headers = headersOf(message);
    const trace = headers && TraceHeaders.of(headers, traceFields, readsBaggage);
    if (!trace) {
      isComplete = false;
      continue;
    }
    if (last?.trace.equals(trace) !== true) {
      if (groups.length >= most && trace.isSampled === false) {
        isCut = true;
        continue;
      }
      const hash = trace.hash();
      const alike = byHash.get(hash);
      last = alike;
      while (last && !last.trace.equals(trace)) last = last.next;
      if (!last) {
        if (trace.isSampled === true) sampled++;
        last = { message, headers, trace, next: alike, count: 0, isMixed: false };
        byHash.set(hash, last);
        groups.push(last);
        if (alike || !trace.isPlain) mayRepeat = true;
      }
    }
    last.count++;
    if (last.trace.baggage !== trace.baggage) last.isMixed = true;
  }
  return { groups, isComplete: isComplete && !isCut, isCut, mayRepeat };
}

/** How the contexts of a batch are extracted. */
interface From {
  readonly base: Context;
  readonly fields: readonly string[];
  readonly isCut: boolean;
}

function extracted<Message>(
  { headers, trace, message, count, isMixed }: Group<Message>,
  { base, fields, isCut }: From,
): Producer<Message> | undefined {
  const context = propagation.extract(base, { headers, fields, only: trace.only }, fieldGetter);
  const span = producerOf(context);
  return (
    span && {
      context: isMixed ? propagation.deleteBaggage(context) : context,
      span,
      only: count > 1 || isCut ? undefined : message,
    }
  );
}

const same = <Given>(given: Given): Given => given;

/** A link is to a span, so each counts once, in whatever words its messages tell of it. */
function merged<Message>(found: readonly Producer<Message>[]): readonly Producer<Message>[] {
  if (found.length < 2) return found;
  const bySpan = new Map<string, Producer<Message>>();
  for (const producer of found) {
    const { traceId, spanId } = producer.span;
    const other = bySpan.get(spanId);
    // The id of a span is unique in its trace only, but hardly ever there is another.
    const id = other && other.span.traceId !== traceId ? traceId + spanId : spanId;
    const known = other && bySpan.get(id);
    bySpan.set(
      id,
      known ? { ...known, context: propagation.deleteBaggage(known.context), only: undefined } : producer,
    );
  }
  return bySpan.size === found.length ? found : [...bySpan.values()];
}
