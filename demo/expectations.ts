import type { ReceivedSpan } from '../viewer/src/otlp/decode';
import type { Names } from './topics';

/** An order that order-api accepted, with its expected outcome. */
export interface PlacedOrder {
  readonly id: string;
  readonly outcome: 'paid' | 'declined';
}

/** A problem in the traces of an order, described in one sentence. */
class Fault extends Error {}

/**
 * Checks the traces of an order. Returns the first problem, or undefined if the traces are complete and correct.
 *
 * Accepted card: HTTP request → send the order → process the order → INSERT and send the receipt → process a batch of
 * receipts. Declined card: the first attempt to process the order fails. The second attempt sends the order to the
 * dead-letter topic.
 */
export function faultOf(
  order: PlacedOrder,
  spans: readonly ReceivedSpan[],
  names: Names,
): string | undefined {
  try {
    const send = sendOf(order.id, spans, names);
    const trace = spans.filter(({ traceId }) => traceId === send.traceId);
    checkParents(trace);
    checkRequest(send, trace);
    if (order.outcome === 'paid') checkPaid(send, trace, spans, names);
    else checkDeclined(send, trace, names);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

/** Undefined if the trace sent no order. */
export function orderIdOf(trace: readonly ReceivedSpan[], names: Names): string | undefined {
  const key = trace.find(({ name }) => name === `send ${names.orders}`)?.attributes[KEY];
  return typeof key === 'string' ? key : undefined;
}

/** Returns all spans of the trace that sent the order, and of all traces that link to it. */
export function spansOfOrder(orderId: string, spans: readonly ReceivedSpan[], names: Names): ReceivedSpan[] {
  const ids = new Set(
    spans
      .filter(({ name, attributes }) => name === `send ${names.orders}` && attributes[KEY] === orderId)
      .map(({ traceId }) => traceId),
  );
  const linking = spans.filter(({ links }) => links.some(({ traceId }) => ids.has(traceId)));
  const all = new Set([...ids, ...linking.map(({ traceId }) => traceId)]);
  return spans.filter(({ traceId }) => all.has(traceId));
}

const KEY = 'messaging.kafka.message.key';
const PARTITION = 'messaging.destination.partition.id';
const OFFSET = 'messaging.kafka.offset';
const COUNT = 'messaging.batch.message_count';

function sendOf(orderId: string, spans: readonly ReceivedSpan[], names: Names): ReceivedSpan {
  const name = `send ${names.orders}`;
  const send = spans.find(span => span.name === name && span.attributes[KEY] === orderId);
  if (!send) throw new Fault(`order-api has no span "${name}" with the key of the order`);
  requireKind(send, 'PRODUCER', 'order-api');
  requireSuccess(send);
  return send;
}

function checkParents(trace: readonly ReceivedSpan[]): void {
  const ids = new Set(trace.map(({ spanId }) => spanId));
  for (const { name, parentSpanId } of trace) {
    if (parentSpanId !== undefined && !ids.has(parentSpanId))
      throw new Fault(`the parent of "${name}" is missing`);
  }
}

function checkRequest(send: ReceivedSpan, trace: readonly ReceivedSpan[]): void {
  const request = trace.find(({ spanId }) => spanId === send.parentSpanId);
  if (!request) throw new Fault(`"${send.name}" is not a child of an HTTP request`);
  requireKind(request, 'SERVER', 'order-api');
  if (request.parentSpanId !== undefined) throw new Fault(`"${request.name}" is not the root of the trace`);
  if (request.attributes['http.response.status_code'] !== 202)
    throw new Fault(`"${request.name}" does not have the HTTP status 202`);
}

function checkPaid(
  send: ReceivedSpan,
  trace: readonly ReceivedSpan[],
  spans: readonly ReceivedSpan[],
  names: Names,
): void {
  const [process, ...again] = attemptsAt(send, trace, names);
  if (!process || again.length > 0)
    throw new Fault(`"process ${names.orders}" occurs ${again.length + 1} times, expected once`);
  requireSuccess(process);

  const insert = childOf(process, trace, 'INSERT', ({ attributes }) => {
    const sql = attributes['db.query.text'];
    return typeof sql === 'string' && sql.startsWith('INSERT INTO payments');
  });
  requireKind(insert, 'CLIENT', 'payment-worker');
  requireSuccess(insert);

  const receipt = childOf(process, trace, `send ${names.receipts}`);
  requireKind(receipt, 'PRODUCER', 'payment-worker');
  requireSuccess(receipt);
  checkBatch(receipt, spans, names);
}

function checkDeclined(send: ReceivedSpan, trace: readonly ReceivedSpan[], names: Names): void {
  const [failed, second, ...more] = attemptsAt(send, trace, names);
  if (!failed || !second || more.length > 0) {
    const count = [failed, second, ...more].filter(Boolean).length;
    throw new Fault(`"process ${names.orders}" with a declined card occurs ${count} times, expected twice`);
  }
  if (failed.status.code !== 'ERROR' || failed.attributes['error.type'] === undefined)
    throw new Fault(`the failed "${failed.name}" is not marked as an error`);
  if (!failed.events.some(({ name }) => name === 'exception'))
    throw new Fault(`the failed "${failed.name}" has no exception event`);
  requireSuccess(second);
  const deadLetter = childOf(second, trace, `send ${names.deadLetters}`);
  requireKind(deadLetter, 'PRODUCER', 'payment-worker');
  requireSuccess(deadLetter);
}

/**
 * Returns the spans that processed the order, oldest first. Throws unless each span is a child of the send span, has a
 * link to it, and has the same partition and offset.
 */
function attemptsAt(send: ReceivedSpan, trace: readonly ReceivedSpan[], names: Names): ReceivedSpan[] {
  const name = `process ${names.orders}`;
  const attempts = trace.filter(span => span.name === name).sort((a, b) => Number(a.start - b.start));
  if (attempts.length === 0)
    throw new Fault(`the trace of "${send.name}" has no span "${name}" of payment-worker`);
  for (const attempt of attempts) {
    requireKind(attempt, 'CONSUMER', 'payment-worker');
    if (attempt.parentSpanId !== send.spanId) throw new Fault(`"${name}" is not a child of "${send.name}"`);
    if (!linksTo(attempt, send)) throw new Fault(`"${name}" has no link to "${send.name}"`);
    for (const attribute of [PARTITION, OFFSET]) {
      if (
        send.attributes[attribute] === undefined ||
        attempt.attributes[attribute] !== send.attributes[attribute]
      )
        throw new Fault(`"${send.name}" and "${name}" have different values of ${attribute}`);
    }
  }
  return attempts;
}

/**
 * Checks the batch of receipts. If all receipts have the same producer, the batch belongs to the trace of the producer.
 * Otherwise the batch has its own trace, which links to each producer.
 */
function checkBatch(receipt: ReceivedSpan, spans: readonly ReceivedSpan[], names: Names): void {
  const name = `process ${names.receipts}`;
  const batch = spans.find(span => span.name === name && linksTo(span, receipt));
  if (!batch) throw new Fault(`no span "${name}" of receipt-mailer links to "${receipt.name}"`);
  requireKind(batch, 'CONSUMER', 'receipt-mailer');
  requireSuccess(batch);
  const producers = batch.links.length;
  const wantedParent = producers === 1 ? receipt.spanId : undefined;
  if (batch.parentSpanId !== wantedParent)
    throw new Fault(`"${name}" with ${producers} producers has the wrong parent`);
  const count = batch.attributes[COUNT];
  if (typeof count !== 'number' || count < producers)
    throw new Fault(`"${name}" has a wrong message count for ${producers} producers`);
}

function childOf(
  parent: ReceivedSpan,
  trace: readonly ReceivedSpan[],
  name: string,
  fits: (span: ReceivedSpan) => boolean = span => span.name === name,
): ReceivedSpan {
  const child = trace.find(span => span.parentSpanId === parent.spanId && fits(span));
  if (!child) throw new Fault(`"${parent.name}" has no child "${name}"`);
  return child;
}

const linksTo = (span: ReceivedSpan, target: ReceivedSpan): boolean =>
  span.links.some(({ traceId, spanId }) => traceId === target.traceId && spanId === target.spanId);

function requireKind(span: ReceivedSpan, kind: ReceivedSpan['kind'], service: string): void {
  if (span.kind !== kind) throw new Fault(`"${span.name}" has the kind ${span.kind}, expected ${kind}`);
  if (span.service !== service)
    throw new Fault(`"${span.name}" belongs to ${span.service}, expected ${service}`);
}

function requireSuccess({ name, status }: ReceivedSpan): void {
  if (status.code === 'ERROR') throw new Fault(`"${name}" failed: ${status.message}`);
}
