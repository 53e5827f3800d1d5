import { expectSpans } from '../../support/spans';
import type { ReceivedSpan } from '../../support/otlp';
import { createTopics, testKafka } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from './attributes';
import { run, type Run } from './run';
import { forEachClient } from './client';

const TRACE_HEADERS = ['traceparent', 'baggage'];

forEachClient(client => {
  const isKafkajs = client.name === 'kafkajs';
  let topics: Record<'orders' | 'invoices', string>;
  let attributes: ExpectedAttributes;
  let shop: Run;
  let billing: Run;
  let archive: Run;

  beforeAll(async () => {
    topics = await createTopics({ orders: 1, invoices: 1 });
    attributes = await expectedAttributes(topics.orders, undefined, client);
    shop = await run('shop.cjs', { client, topics });
    // Send a message as a program without tracing.
    const producer = testKafka().producer();
    await producer.connect();
    await producer.send({ topic: topics.orders, messages: [{ key: 'order-2', value: 'bare' }] });
    await producer.disconnect();
    billing = await run('billing.cjs', { client, topics });
    archive = await run('archive.cjs', { client, topics, env: { COUNT: '2' } });
  }, 180_000);

  const of = (topic: string, operation: 'send' | 'process', key: string, offset: number) =>
    attributes(operation, topic, { partition: 0, offset, key });
  const all = (): ReceivedSpan[] => [shop, billing, archive].flatMap(({ spans }) => [...spans]);
  const key = ({ name, attributes }: ReceivedSpan) => {
    const value = attributes['messaging.kafka.message.key'];
    return typeof value === 'string' ? `${name} ${value}` : name;
  };

  test('a message is one trace through three processes: each process span is a child of its send and linked to it', () => {
    const { orders, invoices } = topics;
    const trace = shop.spans.find(({ name }) => name === 'checkout')?.traceId;
    expectSpans(
      all().filter(({ traceId }) => traceId === trace),
      { label: key },
    ).toEqual({
      checkout: { kind: 'INTERNAL' },
      [`send ${orders} order-1`]: {
        name: `send ${orders}`,
        kind: 'PRODUCER',
        parent: 'checkout',
        attributes: of(orders, 'send', 'order-1', 0),
      },
      [`process ${orders} order-1`]: {
        name: `process ${orders}`,
        kind: 'CONSUMER',
        parent: `send ${orders} order-1`,
        links: [{ to: `send ${orders} order-1` }],
        attributes: of(orders, 'process', 'order-1', 0),
      },
      'charge order-1': { kind: 'INTERNAL', parent: `process ${orders} order-1` },
      [`send ${invoices} order-1`]: {
        name: `send ${invoices}`,
        kind: 'PRODUCER',
        parent: 'charge order-1',
        attributes: of(invoices, 'send', 'order-1', 0),
      },
      [`process ${invoices} order-1`]: {
        name: `process ${invoices}`,
        kind: 'CONSUMER',
        parent: `send ${invoices} order-1`,
        links: [{ to: `send ${invoices} order-1` }],
        attributes: of(invoices, 'process', 'order-1', 0),
      },
    });
  });

  test('baggage is propagated with the message, also over a second topic', () => {
    const tenant = [['tenant', { value: 'acme' }]];
    expect(billing.reported['seen']).toMatchObject({ 'order-1': { baggage: tenant } });
    expect(archive.reported['received']).toContainEqual(
      expect.objectContaining({ key: 'order-1', baggage: tenant }),
    );
  });

  test('a message has only its own headers and the trace headers', () => {
    expect(billing.reported['seen']).toMatchObject({
      'order-1': {
        headers: isKafkajs ? ['content-type', ...TRACE_HEADERS] : [...TRACE_HEADERS, 'content-type'],
      },
      'order-2': { headers: [] },
    });
  });

  test('a message without context starts a new trace, without the span and baggage of the caller of run()', () => {
    const { orders, invoices } = topics;
    expect(billing.reported['seen']).toMatchObject({ 'order-2': { baggage: [] } });
    expect(archive.reported['received']).toContainEqual(
      expect.objectContaining({ key: 'order-2', baggage: [] }),
    );
    const startup = billing.spans.find(({ name }) => name === 'startup');
    expect(startup?.parentSpanId).toBeUndefined();
    expectSpans(
      all().filter(
        span =>
          span === startup ||
          span.attributes['messaging.kafka.message.key'] === 'order-2' ||
          span.name === 'charge order-2',
      ),
      { label: key },
    ).toEqual({
      startup: { kind: 'INTERNAL' },
      [`process ${orders} order-2`]: {
        name: `process ${orders}`,
        kind: 'CONSUMER',
        attributes: of(orders, 'process', 'order-2', 1),
      },
      'charge order-2': { kind: 'INTERNAL', parent: `process ${orders} order-2` },
      [`send ${invoices} order-2`]: {
        name: `send ${invoices}`,
        kind: 'PRODUCER',
        parent: 'charge order-2',
        attributes: of(invoices, 'send', 'order-2', 1),
      },
      [`process ${invoices} order-2`]: {
        name: `process ${invoices}`,
        kind: 'CONSUMER',
        parent: `send ${invoices} order-2`,
        links: [{ to: `send ${invoices} order-2` }],
        attributes: of(invoices, 'process', 'order-2', 1),
      },
    });
  });

  test('producer and consumer of the trace are different processes', () => {
    const services = (name: string) =>
      all()
        .filter(span => span.name === name)
        .map(({ service }) => service);
    expect(services(`send ${topics.orders}`)).toEqual(['shop.cjs']);
    expect(new Set(services(`process ${topics.orders}`))).toEqual(new Set(['billing.cjs']));
  });
});
