import { ROOT_CONTEXT, trace, type Span, type SpanOptions } from '@opentelemetry/api';
import { propagateContext } from '../../../src/propagation/inject';
import { startSend } from '../../../src/core/send';
import { client, contextOf, producer, useTracing } from './tracing';

const tracing = useTracing();

function send(messages: readonly unknown[], config = {}) {
  const entry = { topic: 'orders', messages };
  const telemetry = tracing.runtime({ producerSpans: 'message', ...config });
  const operation = startSend(telemetry, client, [entry], contextOf(producer('c')));
  const carried = messages.map((_, index) => {
    const context = operation.contextFor(entry, index);
    return context && trace.getSpanContext(context)?.spanId;
  });
  operation.end([]);
  const spans = tracing.spans();
  return { carried, creates: spans.slice(0, -1), sent: spans.at(-1) };
}

describe('with a span per message', () => {
  test('each message carries its own create span, and the send span links to them', () => {
    const { carried, creates, sent } = send([
      { key: '1', value: 'v', partition: 3 },
      { key: '2', value: null },
    ]);
    const common = {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'create',
      'messaging.operation.type': 'create',
      'messaging.destination.name': 'orders',
    };
    expect(creates.map(({ name, kind, parent, attributes }) => ({ name, kind, parent, attributes }))).toEqual(
      [
        {
          name: 'create orders',
          kind: 'PRODUCER',
          parent: producer('c').spanId,
          attributes: {
            ...common,
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
            ...common,
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

  test('the producer hook sees every one of them, each with its message', () => {
    const producerHook = jest.fn();
    const [first, second] = [{ value: '1' }, { value: '2' }];
    send([first, second], { producerHook });
    expect(producerHook.mock.calls.map(([, info]: unknown[]) => info)).toEqual([
      { topic: 'orders', message: first, messages: [first] },
      { topic: 'orders', message: second, messages: [second] },
      { topic: 'orders', message: first, messages: [first, second] },
    ]);
  });

  test('a message that keeps its own context has none, and is linked instead', () => {
    const stored = propagateContext({ value: 'v' }, contextOf(producer('a')));
    const { carried, creates, sent } = send([stored, { value: 'v' }]);
    expect(creates).toHaveLength(1);
    expect(carried).toEqual([undefined, creates[0]?.spanId]);
    expect(sent?.links.map(({ span }) => span).sort()).toEqual(
      [creates[0]?.spanId, producer('a').spanId].sort(),
    );
  });

  test.each([
    [128, 128, 'CLIENT'],
    [129, 0, 'PRODUCER'],
  ])('a call with %d messages makes %d of them', (messages, count, kind) => {
    const { creates, sent } = send(Array.from({ length: messages }, () => ({ value: 'v' })));
    expect(creates).toHaveLength(count);
    expect(sent?.kind).toBe(kind);
  });

  test('there is none where no message is to carry it', () => {
    const { creates, sent } = send([{ value: 'v' }], { propagation: 'extract' });
    expect(creates).toEqual([]);
    expect(sent?.kind).toBe('PRODUCER');
  });
});

test.each([
  ['create spans are filtered out', [{ value: 'v' }]],
  ['there are no messages', []],
])('a send is no client span where %s: the context that travels is its own', (_, messages) => {
  const filter = ({ kind }: { readonly kind: string }) => kind !== 'create';
  const { carried, creates, sent } = send(messages, { filter });
  expect({ creates, kind: sent?.kind, links: sent?.links }).toEqual({
    creates: [],
    kind: 'PRODUCER',
    links: [],
  });
  expect(carried).toEqual(messages.map(() => sent?.spanId));
});

test('a send whose messages all keep their contexts is a client span', () => {
  const stored = ['a', 'b', 'a'].map(letter => propagateContext({ value: 'v' }, contextOf(producer(letter))));
  const { carried, sent } = send(stored, { producerSpans: 'call' });
  expect(sent?.kind).toBe('CLIENT');
  expect(carried).toEqual([undefined, undefined, undefined]);
  // Both producers have the same span id in other traces; each trace is linked once.
  expect(sent?.links).toHaveLength(2);
});

test('a send links to at most 128 contexts, whatever limit the SDK has', () => {
  const messages = Array.from({ length: 200 }, (_, index) =>
    propagateContext({ value: 'v' }, contextOf(producer('a', index + 1))),
  );
  const { tracer } = tracing.runtime();
  const startSpan = jest.fn<Span, [string, SpanOptions]>((name, options) => tracer.startSpan(name, options));
  const telemetry = tracing.runtime({}, { tracer: { startSpan, startActiveSpan: jest.fn() } });
  startSend(telemetry, client, [{ topic: 'orders', messages }], ROOT_CONTEXT).end([]);
  expect(startSpan.mock.calls[0]?.[1].links).toHaveLength(128);
});
