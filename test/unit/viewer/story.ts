import { namesWith } from '../../../demo/topics';
import type { ReceivedSpan } from '../../support/otlp';
import { receivedLink, receivedSpan } from '../support/received';

/** Spans as the services of the demo export them, but with readable ids and with times in milliseconds. */
export const names = namesWith('');

const EPOCH = 1_700_000_000_000n;
const at = (ms: number): bigint => EPOCH * 1_000_000n + BigInt(Math.round(ms * 1e6));

interface Sketch extends Partial<Pick<ReceivedSpan, 'attributes' | 'events' | 'links' | 'status'>> {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly kind: ReceivedSpan['kind'];
  /** Start and end. */
  readonly ms: readonly [number, number];
  readonly trace?: string;
  readonly parent?: string;
}

export const span = ({ id, name, service, ms, trace = 'aaaaaaaa-1', parent, ...fields }: Sketch) =>
  receivedSpan(name, {
    traceId: trace,
    spanId: id,
    parentSpanId: parent,
    start: at(ms[0]),
    end: at(ms[1]),
    resource: { 'service.name': service },
    service,
    scope: 'test',
    ...fields,
  });

export const link = (spanId: string, traceId = 'aaaaaaaa-1') => receivedLink(traceId, spanId);

export const place = (topic: string, offset: number, more: ReceivedSpan['attributes'] = {}) => ({
  'messaging.destination.name': topic,
  'messaging.destination.partition.id': '2',
  'messaging.kafka.offset': offset,
  ...more,
});

const accepted = (order: string, trace: string): ReceivedSpan[] => [
  span({
    id: `${order}-http`,
    trace,
    name: 'POST',
    service: 'order-api',
    kind: 'SERVER',
    ms: [0, 20],
    attributes: { 'url.path': '/orders', 'http.response.status_code': 202 },
  }),
  span({
    id: `${order}-send`,
    trace,
    parent: `${order}-http`,
    name: 'send orders',
    service: 'order-api',
    kind: 'PRODUCER',
    ms: [5, 15],
    attributes: place('orders', 7, { 'messaging.kafka.message.key': order }),
  }),
];

/** A paid order. Its receipt is in a batch of its own. */
export const paid = (order = 'one', trace = 'aaaaaaaa-1'): ReceivedSpan[] => [
  ...accepted(order, trace),
  span({
    id: `${order}-process`,
    trace,
    parent: `${order}-send`,
    name: 'process orders',
    service: 'payment-worker',
    kind: 'CONSUMER',
    ms: [20, 50],
    links: [link(`${order}-send`, trace)],
    attributes: place('orders', 7),
  }),
  span({
    id: `${order}-insert`,
    trace,
    parent: `${order}-process`,
    name: 'pg.query:INSERT postgres',
    service: 'payment-worker',
    kind: 'CLIENT',
    ms: [21, 30],
    attributes: { 'db.query.text': 'INSERT INTO payments (order_id)\n  VALUES ($1)' },
  }),
  span({
    id: `${order}-receipt`,
    trace,
    parent: `${order}-process`,
    name: 'send receipts',
    service: 'payment-worker',
    kind: 'PRODUCER',
    ms: [30, 48],
    attributes: place('receipts', 3),
  }),
  span({
    id: `${order}-batch`,
    trace,
    parent: `${order}-receipt`,
    name: 'process receipts',
    service: 'receipt-mailer',
    kind: 'CONSUMER',
    ms: [60, 80],
    links: [link(`${order}-receipt`, trace)],
    attributes: { 'messaging.destination.name': 'receipts', 'messaging.batch.message_count': 1 },
  }),
];

/** Two paid orders. Their receipts are in one batch, which has its own trace. */
export const paidTogether = (): ReceivedSpan[] => [
  ...paid('one', 'aaaaaaaa-1').filter(({ spanId }) => spanId !== 'one-batch'),
  ...paid('two', 'bbbbbbbb-2').filter(({ spanId }) => spanId !== 'two-batch'),
  span({
    id: 'both-batch',
    trace: 'cccccccc-3',
    name: 'process receipts',
    service: 'receipt-mailer',
    kind: 'CONSUMER',
    ms: [60, 80],
    links: [link('one-receipt', 'aaaaaaaa-1'), link('two-receipt', 'bbbbbbbb-2')],
    attributes: { 'messaging.destination.name': 'receipts', 'messaging.batch.message_count': 2 },
  }),
];

/**
 * An order with a declined card: the first attempt fails, and the second attempt sends the order to the dead-letter
 * topic.
 */
export const declined = (order = 'one', trace = 'aaaaaaaa-1'): ReceivedSpan[] => {
  const attempt = { trace, parent: `${order}-send`, name: 'process orders', service: 'payment-worker' };
  const delivered = { links: [link(`${order}-send`, trace)], attributes: place('orders', 7) };
  return [
    ...accepted(order, trace),
    span({
      ...attempt,
      ...delivered,
      id: `${order}-failed`,
      kind: 'CONSUMER',
      ms: [20, 21],
      attributes: { ...delivered.attributes, 'error.type': 'Error' },
      status: { code: 'ERROR', message: 'card declined' },
      events: [
        {
          name: 'exception',
          time: at(21),
          attributes: { 'exception.type': 'Error', 'exception.message': 'card declined' },
        },
      ],
    }),
    span({ ...attempt, ...delivered, id: `${order}-parked`, kind: 'CONSUMER', ms: [320, 330] }),
    span({
      id: `${order}-dead`,
      trace,
      parent: `${order}-parked`,
      name: 'send orders-dead-letters',
      service: 'payment-worker',
      kind: 'PRODUCER',
      ms: [321, 329],
      attributes: place('orders-dead-letters', 0),
    }),
  ];
};

/** Returns the spans with one of them changed. Throws if no span has the id. */
export function changed(
  spans: readonly ReceivedSpan[],
  id: string,
  change: Partial<ReceivedSpan>,
): ReceivedSpan[] {
  if (!spans.some(({ spanId }) => spanId === id)) throw new Error(`no span ${id} to change`);
  return spans.map(one => (one.spanId === id ? { ...one, ...change } : one));
}

/** Returns the spans without one of them. Throws if no span has the id. */
export function without(spans: readonly ReceivedSpan[], id: string): ReceivedSpan[] {
  if (!spans.some(({ spanId }) => spanId === id)) throw new Error(`no span ${id} to leave out`);
  return spans.filter(({ spanId }) => spanId !== id);
}
