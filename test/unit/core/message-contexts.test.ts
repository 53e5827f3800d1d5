import type { Span, SpanOptions } from '@opentelemetry/api';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { propagateContext } from '../../../src/propagation/inject';
import { send as sendAll } from './sending';
import { contextOf, operationAttributes, producer, useTracing } from './tracing';

const tracing = useTracing();

/** Sends messages to one topic. By default, each message has a span. */
async function send(messages: readonly unknown[], config: KafkaInstrumentationConfig = {}) {
  const runtime = tracing.runtime({ producerSpans: 'message', ...config });
  const [contexts] = await sendAll(runtime, [{ topic: 'orders', messages }], {
    active: contextOf(producer('c')),
  });
  const spans = tracing.spans();
  return {
    carried: contexts?.map(context => context?.spanId),
    creates: spans.filter(({ name }) => name.startsWith('create')),
    sent: spans.find(({ name }) => name.startsWith('send')),
  };
}

describe('with a span per message', () => {
  test('each message carries its own create span, and the send span links to them', async () => {
    const { carried, creates, sent } = await send([
      { key: '1', value: 'v', partition: 3 },
      { key: '2', value: null },
    ]);
    expect(creates.map(({ name, kind, parent, attributes }) => ({ name, kind, parent, attributes }))).toEqual(
      [
        {
          name: 'create orders',
          kind: 'PRODUCER',
          parent: producer('c').spanId,
          attributes: {
            ...operationAttributes('create'),
            'messaging.kafka.message.key': '1',
            'messaging.destination.partition.id': '3',
            'messaging.kafka.partition': 3,
          },
        },
        {
          name: 'create orders',
          kind: 'PRODUCER',
          parent: producer('c').spanId,
          attributes: {
            ...operationAttributes('create'),
            'messaging.kafka.message.key': '2',
            'messaging.kafka.message.tombstone': true,
          },
        },
      ],
    );
    expect(sent).toMatchObject({ name: 'send orders', kind: 'CLIENT', parent: producer('c').spanId });
    expect(sent?.links).toEqual(creates.map(({ spanId }) => ({ span: spanId })));
    expect(carried).toEqual(creates.map(({ spanId }) => spanId));
  });

  test('the producer hook gets every span, with its messages', async () => {
    const producerHook = jest.fn();
    const [first, second] = [{ value: '1' }, { value: '2' }];
    await send([first, second], { producerHook });
    expect(producerHook.mock.calls.map(([, info]: unknown[]) => info)).toEqual([
      { topic: 'orders', message: first, messages: [first] },
      { topic: 'orders', message: second, messages: [second] },
      { topic: 'orders', message: first, messages: [first, second] },
    ]);
  });

  test('a message that keeps its context gets no create span, and the send span links to that context', async () => {
    const stored = propagateContext({ value: 'v' }, contextOf(producer('a')));
    const { carried, creates, sent } = await send([stored, { value: 'v' }]);
    expect(creates).toHaveLength(1);
    expect(carried).toEqual([producer('a').spanId, creates[0]?.spanId]);
    expect(sent?.links.map(({ span }) => span).sort()).toEqual(
      [creates[0]?.spanId, producer('a').spanId].sort(),
    );
  });

  test.each([
    [128, 128, 'CLIENT'],
    [129, 0, 'PRODUCER'],
  ])('a call with %d messages makes %d create spans', async (messages, count, kind) => {
    const { creates, sent } = await send(Array.from({ length: messages }, () => ({ value: 'v' })));
    expect(creates).toHaveLength(count);
    expect(sent?.kind).toBe(kind);
  });

  test('there is no create span if propagation is off for sends', async () => {
    const { carried, creates, sent } = await send([{ value: 'v' }], { propagation: 'extract' });
    expect(carried).toEqual([undefined]);
    expect(creates).toEqual([]);
    expect(sent?.kind).toBe('PRODUCER');
  });

  test('without any span, messages carry the context around the call', async () => {
    const { carried, creates, sent } = await send([{ value: 'v' }], { topics: '!orders' });
    expect([creates, sent]).toEqual([[], undefined]);
    expect(carried).toEqual([producer('c').spanId]);
  });
});

test.each([
  ['create spans are filtered out', [{ value: 'v' }]],
  ['there are no messages', []],
])('the send span is a PRODUCER span if %s: messages carry its context', async (_, messages) => {
  const filter = ({ kind }: { readonly kind: string }) => kind !== 'create';
  const { carried, creates, sent } = await send(messages, { filter });
  expect({ creates, kind: sent?.kind, links: sent?.links }).toEqual({
    creates: [],
    kind: 'PRODUCER',
    links: [],
  });
  expect(carried).toEqual(messages.map(() => sent?.spanId));
});

test('a send whose messages all keep their contexts is a CLIENT span', async () => {
  const stored = ['a', 'b', 'a'].map(letter => propagateContext({ value: 'v' }, contextOf(producer(letter))));
  const { carried, sent } = await send(stored, { producerSpans: 'call' });
  expect(sent?.kind).toBe('CLIENT');
  expect(carried).toEqual(stored.map(() => producer('a').spanId));
  // The two producers have the same span id in different traces, so there is one link for each trace.
  expect(sent?.links).toHaveLength(2);
});

test('a send links to at most 128 contexts, whatever limit the SDK has', async () => {
  const messages = Array.from({ length: 200 }, (_, index) =>
    propagateContext({ value: 'v' }, contextOf(producer('a', index + 1))),
  );
  const { tracer } = tracing.runtime();
  const startSpan = jest.fn<Span, [string, SpanOptions]>((name, options) => tracer.startSpan(name, options));
  const runtime = tracing.runtime({}, { tracer: { startSpan, startActiveSpan: jest.fn() } });
  await sendAll(runtime, [{ topic: 'orders', messages }]);
  expect(startSpan.mock.calls[0]?.[1].links).toHaveLength(128);
});
