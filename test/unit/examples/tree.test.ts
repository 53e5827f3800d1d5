import { readTraces } from '../../e2e/examples/support/readme';
import { drawTraces, shownTraces, unordered, type Shown } from '../../e2e/examples/support/tree';
import type { ReceivedSpan } from '../../support/otlp';
import { receivedLink, receivedSpan } from '../support/received';

const span = (name: string, fields: Partial<ReceivedSpan>) =>
  receivedSpan(name, { service: 'shop', scope: '@org/kafka-otel', ...fields });

const spans = [
  span('checkout', {}),
  span('send orders-1f', {
    parentSpanId: 'checkout',
    kind: 'PRODUCER',
    start: 1n,
    attributes: { 'messaging.destination.name': 'orders-1f', tenant: 'north' },
  }),
  span('process orders-1f', {
    parentSpanId: 'send orders-1f',
    kind: 'CONSUMER',
    service: 'mailer',
    start: 2n,
    links: [
      receivedLink('trace', 'send orders-1f'),
      receivedLink('other', 'gone'),
      receivedLink('other', 'lost'),
    ],
    status: { code: 'ERROR', message: 'no such address' },
  }),
  span('store', { parentSpanId: 'checkout', start: 3n }),
];

const TREE = `checkout                shop    internal
├─ send orders          shop    producer
│  │  topic orders · tenant "north"
│  └─ process orders    mailer  consumer
│        links to send orders · links to a span that is not kept in another trace × 2
│        ✖ no such address
└─ store                shop    internal`;

const shown = (received: readonly ReceivedSpan[]): Shown[] => shownTraces(received, { orders: 'orders-1f' });

const words = (tree: string): string => tree.replace(/ {2,}/g, '  ');

test('a trace is drawn with topics by their role, own attributes, links and errors, and without ids', () => {
  expect(words(drawTraces(shown(spans)))).toBe(words(TREE));
});

test('a drawn trace can be read back, and the order of siblings does not matter', () => {
  const seen = shown(spans);
  expect(unordered(readTraces(TREE))).toEqual(unordered(readTraces(drawTraces(seen))));
  const swapped = shown(spans.map(each => (each.name === 'store' ? { ...each, start: 0n } : each)));
  expect(words(drawTraces(swapped))).not.toBe(words(TREE));
  expect(unordered(readTraces(drawTraces(swapped)))).toEqual(unordered(readTraces(TREE)));
});

test.each([
  ['a span that is missing', spans.filter(({ name }) => name !== 'store')],
  ['a span too many', [...spans, span('another', { parentSpanId: 'store' })]],
  [
    'another parent',
    spans.map(each => (each.name === 'store' ? { ...each, parentSpanId: 'send orders-1f' } : each)),
  ],
  ['another service', spans.map(each => (each.name === 'store' ? { ...each, service: 'mailer' } : each))],
  ['a lost link', spans.map(each => ({ ...each, links: each.links.slice(1) }))],
  [
    'an error that is not marked',
    spans.map(each => ({ ...each, status: { code: 'UNSET' as const, message: '' } })),
  ],
  ['a lost attribute', spans.map(each => ({ ...each, attributes: {} }))],
])('the comparison finds %s', (_what, changed) => {
  expect(unordered(readTraces(drawTraces(shown(changed))))).not.toEqual(unordered(readTraces(TREE)));
});
