import { faultOf, orderIdOf, spansOfOrder } from '../../../demo/expectations';
import type { ReceivedSpan } from '../../support/otlp';
import { changed, declined, link, names, paid, paidTogether, place, without } from '../viewer/story';

const fault = (outcome: 'paid' | 'declined', spans: readonly ReceivedSpan[]) =>
  faultOf({ id: 'one', outcome }, spans, names);
const failed = { code: 'ERROR', message: 'boom' } as const;

test('a complete order has no problems, in any order of its spans', () => {
  expect(fault('paid', paid())).toBeUndefined();
  expect(fault('paid', paid().reverse())).toBeUndefined();
  expect(fault('paid', paidTogether())).toBeUndefined();
  expect(fault('declined', declined())).toBeUndefined();
  expect(fault('declined', declined().reverse())).toBeUndefined();
});

test('an order is incomplete if any of its spans is missing', () => {
  for (const { spanId } of paid())
    expect([spanId, fault('paid', without(paid(), spanId))]).not.toEqual([spanId, undefined]);
  for (const { spanId } of declined())
    expect([spanId, fault('declined', without(declined(), spanId))]).not.toEqual([spanId, undefined]);
});

test('a different order of the same shape is not accepted', () => {
  expect(fault('paid', paid('two', 'bbbbbbbb-2'))).toBe(
    'order-api has no span "send orders" with the key of the order',
  );
});

test('a declined order is not accepted as a paid one, and vice versa', () => {
  expect(fault('paid', declined())).toBe('"process orders" occurs 2 times, expected once');
  expect(fault('declined', paid())).toBe(
    '"process orders" with a declined card occurs 1 times, expected twice',
  );
});

const otherPlace = place('orders', 8);
test.each<[string, string, Partial<ReceivedSpan>, string]>([
  [
    'a consumer in a trace of its own',
    'one-process',
    { traceId: 'x' },
    'the parent of "pg.query:INSERT postgres" is missing',
  ],
  [
    'a consumer that lost its parent',
    'one-process',
    { parentSpanId: undefined },
    '"process orders" is not a child of "send orders"',
  ],
  [
    'a consumer without its link',
    'one-process',
    { links: [] },
    '"process orders" has no link to "send orders"',
  ],
  [
    'a consumer linked to another span',
    'one-process',
    { links: [link('one-http')] },
    '"process orders" has no link to "send orders"',
  ],
  [
    'a consumer at another offset',
    'one-process',
    { attributes: otherPlace },
    '"send orders" and "process orders" have different values of messaging.kafka.offset',
  ],
  [
    'a consumer of the wrong kind',
    'one-process',
    { kind: 'INTERNAL' },
    '"process orders" has the kind INTERNAL, expected CONSUMER',
  ],
  ['a consumer that failed', 'one-process', { status: failed }, '"process orders" failed: boom'],
  [
    'a send of another service',
    'one-send',
    { service: 'stranger' },
    '"send orders" belongs to stranger, expected order-api',
  ],
  [
    'a send outside the request',
    'one-send',
    { parentSpanId: undefined },
    '"send orders" is not a child of an HTTP request',
  ],
  [
    'a request that failed',
    'one-http',
    { attributes: { 'http.response.status_code': 503 } },
    '"POST" does not have the HTTP status 202',
  ],
  [
    'a request with a parent that never came',
    'one-http',
    { parentSpanId: 'gone' },
    'the parent of "POST" is missing',
  ],
  [
    'an INSERT beside the consumer',
    'one-insert',
    { parentSpanId: 'one-send' },
    '"process orders" has no child "INSERT"',
  ],
  [
    'SQL that inserts nothing',
    'one-insert',
    { attributes: { 'db.query.text': 'SELECT 1' } },
    '"process orders" has no child "INSERT"',
  ],
  ['an INSERT that failed', 'one-insert', { status: failed }, '"pg.query:INSERT postgres" failed: boom'],
  [
    'a second topic outside the handler',
    'one-receipt',
    { parentSpanId: 'one-http' },
    '"process orders" has no child "send receipts"',
  ],
  [
    'a batch without a link',
    'one-batch',
    { links: [] },
    'no span "process receipts" of receipt-mailer links to "send receipts"',
  ],
  [
    'a batch of one producer that starts a trace',
    'one-batch',
    { parentSpanId: undefined, traceId: 'x' },
    '"process receipts" with 1 producers has the wrong parent',
  ],
  [
    'a batch that counts nothing',
    'one-batch',
    { attributes: {} },
    '"process receipts" has a wrong message count for 1 producers',
  ],
])('%s is a fault', (_, id, change, reason) => {
  expect(fault('paid', changed(paid(), id, change))).toBe(reason);
});

test.each<[string, string, Partial<ReceivedSpan>, string]>([
  [
    'without the error mark',
    'one-failed',
    { status: { code: 'UNSET', message: '' } },
    'the failed "process orders" is not marked as an error',
  ],
  [
    'without the exception',
    'one-failed',
    { events: [] },
    'the failed "process orders" has no exception event',
  ],
  ['whose second attempt failed too', 'one-parked', { status: failed }, '"process orders" failed: boom'],
  [
    'whose dead letter starts nowhere',
    'one-dead',
    { parentSpanId: 'one-failed' },
    '"process orders" has no child "send orders-dead-letters"',
  ],
])('a declined order %s is a fault', (_, id, change, reason) => {
  expect(fault('declined', changed(declined(), id, change))).toBe(reason);
});

test('a batch from several producers must not have one of them as its parent', () => {
  expect(fault('paid', changed(paidTogether(), 'both-batch', { parentSpanId: 'one-receipt' }))).toBe(
    '"process receipts" with 2 producers has the wrong parent',
  );
});

test('the spans of an order are those of its trace and of traces that link to it', () => {
  const spans = [...paidTogether(), ...paid('three', 'dddddddd-4')];
  const traces = new Set(spansOfOrder('one', spans, names).map(({ traceId }) => traceId));
  expect(traces).toEqual(new Set(['aaaaaaaa-1', 'cccccccc-3']));
  expect(spansOfOrder('unknown', spans, names)).toEqual([]);
});

test('the id of an order is the key of the message that its trace sends', () => {
  expect(orderIdOf(paid('seven'), names)).toBe('seven');
  expect(orderIdOf(paid().slice(0, 1), names)).toBeUndefined();
});
