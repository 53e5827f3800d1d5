import type { ReceivedSpan } from '../test/support/otlp';
import type { Names } from './topics';

/** An order that the API has accepted, and what is to become of it. */
export interface PlacedOrder {
  readonly id: string;
  readonly outcome: 'paid' | 'declined';
}

/** What is wrong with a trace, or missing from it, in one sentence. */
class Fault extends Error {}

/**
 * Says what keeps the story of an order from being whole, or returns undefined once all of it is there and right:
 * HTTP request → send orders → process orders → INSERT and send receipts → a batch of receipts;
 * for a declined card a failed attempt, and another one that sends the order to the dead letters.
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

/** The order that a trace sends on, if it does. */
export function orderIdOf(trace: readonly ReceivedSpan[], names: Names): string | undefined {
  const key = trace.find(({ name }) => name === `send ${names.orders}`)?.attributes[KEY];
  return typeof key === 'string' ? key : undefined;
}

/** The spans of an order's trace, and of the traces that go on from it by links. */
export function storyOf(orderId: string, spans: readonly ReceivedSpan[], names: Names): ReceivedSpan[] {
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
  if (!send) throw new Fault(`no span "${name}" of order-api has the order's key`);
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
  if (!request) throw new Fault(`"${send.name}" is not under an HTTP request`);
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
    throw new Fault(`"process ${names.orders}" is there ${again.length + 1} times, not once`);
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
  const [failed, parked, ...more] = attemptsAt(send, trace, names);
  if (!failed || !parked || more.length > 0) {
    const count = [failed, parked, ...more].filter(Boolean).length;
    throw new Fault(`"process ${names.orders}" of the declined card is there ${count} times, not twice`);
  }
  if (failed.status.code !== 'ERROR' || failed.attributes['error.type'] === undefined)
    throw new Fault(`the failed "${failed.name}" is not marked as an error`);
  if (!failed.events.some(({ name }) => name === 'exception'))
    throw new Fault(`the failed "${failed.name}" does not tell its exception`);
  requireSuccess(parked);
  const deadLetter = childOf(parked, trace, `send ${names.deadLetters}`);
  requireKind(deadLetter, 'PRODUCER', 'payment-worker');
  requireSuccess(deadLetter);
}

/** The attempts at an order's message, in their order, each a child of the send, linked to it, at its place in the topic. */
function attemptsAt(send: ReceivedSpan, trace: readonly ReceivedSpan[], names: Names): ReceivedSpan[] {
  const name = `process ${names.orders}`;
  const attempts = trace.filter(span => span.name === name).sort((a, b) => Number(a.start - b.start));
  if (attempts.length === 0)
    throw new Fault(`no "${name}" of payment-worker is in the trace of "${send.name}"`);
  for (const attempt of attempts) {
    requireKind(attempt, 'CONSUMER', 'payment-worker');
    if (attempt.parentSpanId !== send.spanId) throw new Fault(`"${name}" is not under "${send.name}"`);
    if (!linksTo(attempt, send)) throw new Fault(`"${name}" has no link to "${send.name}"`);
    for (const place of [PARTITION, OFFSET]) {
      if (send.attributes[place] === undefined || attempt.attributes[place] !== send.attributes[place])
        throw new Fault(`"${send.name}" and "${name}" do not agree on ${place}`);
    }
  }
  return attempts;
}

/** A batch of one message goes on in its trace; a batch from several traces is a trace of its own, with a link to each. */
function checkBatch(receipt: ReceivedSpan, spans: readonly ReceivedSpan[], names: Names): void {
  const name = `process ${names.receipts}`;
  const batch = spans.find(span => span.name === name && linksTo(span, receipt));
  if (!batch) throw new Fault(`no "${name}" of receipt-mailer links to "${receipt.name}"`);
  requireKind(batch, 'CONSUMER', 'receipt-mailer');
  requireSuccess(batch);
  const producers = batch.links.length;
  const wantedParent = producers === 1 ? receipt.spanId : undefined;
  if (batch.parentSpanId !== wantedParent)
    throw new Fault(`"${name}" with ${producers} producers has the wrong parent`);
  const count = batch.attributes[COUNT];
  if (typeof count !== 'number' || count < producers)
    throw new Fault(`"${name}" does not count the messages of its ${producers} producers`);
}

function childOf(
  parent: ReceivedSpan,
  trace: readonly ReceivedSpan[],
  name: string,
  fits: (span: ReceivedSpan) => boolean = span => span.name === name,
): ReceivedSpan {
  const child = trace.find(span => span.parentSpanId === parent.spanId && fits(span));
  if (!child) throw new Fault(`no "${name}" is under "${parent.name}"`);
  return child;
}

const linksTo = (span: ReceivedSpan, target: ReceivedSpan): boolean =>
  span.links.some(({ traceId, spanId }) => traceId === target.traceId && spanId === target.spanId);

function requireKind(span: ReceivedSpan, kind: ReceivedSpan['kind'], service: string): void {
  if (span.kind !== kind) throw new Fault(`"${span.name}" is of the kind ${span.kind}, not ${kind}`);
  if (span.service !== service) throw new Fault(`"${span.name}" is of ${span.service}, not of ${service}`);
}

function requireSuccess({ name, status }: ReceivedSpan): void {
  if (status.code === 'ERROR') throw new Fault(`"${name}" failed: ${status.message}`);
}
