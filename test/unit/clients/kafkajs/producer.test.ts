import { context, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { useTracing } from '../../core/tracing';
import { recordingProducer, sentBy, spanIdIn } from './recording';

const tracing = useTracing();

const producerOf = (runtime = tracing.runtime()) => recordingProducer(runtime);

describe('send', () => {
  test.each(['call', 'message'] as const)(
    'reads a list of a class whose constructor takes something else than a length like any list (%s)',
    async producerSpans => {
      class Orders extends Array<object> {
        constructor(orders: readonly object[]) {
          super();
          this.push(...orders);
        }
      }
      const { original, send } = producerOf(tracing.runtime({ producerSpans }));
      await send({ topic: 'orders', messages: new Orders([{ value: '1' }]) });
      expect(spanIdIn(sentBy(original).messages[0])).toBe(tracing.spans()[0]?.spanId);
      expect(tracing.logged).toEqual([]);
    },
  );

  test('adds the context of its span to every message and passes everything else on', async () => {
    const { original, send } = producerOf();
    const record = {
      topic: 'orders',
      acks: 1,
      later: true,
      messages: [{ value: '1' }, { value: '2', headers: { id: '7' } }],
    };
    const before = structuredClone(record);
    await send(record, 'more');
    const sent = sentBy(original);
    const [{ spanId, traceId } = { spanId: '', traceId: '' }] = tracing.spans();
    const added = { traceparent: `00-${traceId}-${spanId}-01` };
    expect(original.mock.calls).toEqual([
      [
        {
          ...before,
          messages: [
            { value: '1', headers: added },
            { value: '2', headers: { id: '7', ...added } },
          ],
        },
        'more',
      ],
    ]);
    expect(sent).not.toBe(record);
    expect(record).toEqual(before);
  });

  test('accepts a deeply frozen record twice', async () => {
    const { original, send } = producerOf();
    const record = Object.freeze({
      topic: 'orders',
      messages: Object.freeze([Object.freeze({ value: 'v', headers: Object.freeze({ id: '7' }) })]),
    });
    await send(record);
    const first = spanIdIn(sentBy(original).messages[0]);
    await send(record);
    expect([first, spanIdIn(sentBy(original).messages[0])]).toEqual(
      tracing.spans().map(({ spanId }) => spanId),
    );
  });

  test('calls the original once, synchronously, with the receiver of the caller', () => {
    const receiver = {};
    const seen: unknown[] = [];
    const { send } = recordingProducer(tracing.runtime(), function (this: unknown) {
      seen.push(this);
    });
    send.call(receiver, { topic: 'orders', messages: [] });
    expect(seen).toEqual([receiver]);
    expect(seen[0]).toBe(receiver);
  });

  test('does not make its span active around the work of kafkajs', async () => {
    const active: unknown[] = [];
    const { send } = recordingProducer(tracing.runtime(), () => active.push(trace.getSpan(context.active())));
    await send({ topic: 'orders', messages: [{ value: 'v' }] });
    expect(active).toEqual([undefined]);
  });
});

describe("the program's own record is sent", () => {
  const record = { topic: 'orders', messages: [{ value: 'v' }] };

  test.each<[string, () => ReturnType<typeof producerOf>, number]>([
    ['when the instrumentation is disabled', () => producerOf(tracing.runtime({}, { isEnabled: false })), 0],
    ['when the topic gets no headers', () => producerOf(tracing.runtime({ propagation: 'extract' })), 1],
    ['when no span can be started', () => producerOf(tracing.runtime({}, { tracer: {} as never })), 0],
  ])('%s', async (_where, make, spans) => {
    const { original, send } = make();
    await send(record);
    expect(sentBy(original)).toBe(record);
    expect(tracing.spans()).toHaveLength(spans);
  });

  test('when tracing is suppressed', async () => {
    const { original, send } = producerOf();
    await context.with(suppressTracing(context.active()), () => send(record));
    expect(sentBy(original)).toBe(record);
    expect(tracing.spans()).toEqual([]);
  });

  test('for a batch without topics, which makes no span', async () => {
    const { original, sendBatch } = producerOf();
    for (const batch of [{ topicMessages: [] }, {}, { topicMessages: undefined }]) {
      await sendBatch(batch);
      expect(sentBy(original)).toBe(batch);
    }
    expect(tracing.spans()).toEqual([]);
  });
});

describe('a request', () => {
  const messages = [{ value: 'v' }];

  test('is read once, property by property', async () => {
    const topic = jest.fn(() => 'orders');
    class Request {
      messages = messages;
      get topic() {
        return topic();
      }
    }
    const { original, send } = producerOf();
    await send(new Request());
    expect(sentBy(original).topic).toBe('orders');
    expect(sentBy(original).messages[0]?.headers).toHaveProperty('traceparent');
    expect(topic).toHaveBeenCalledTimes(1);
  });

  test('of sendBatch keeps unknown properties, and may name a topic twice', async () => {
    const { original, sendBatch } = producerOf();
    const topicMessages = [
      { topic: 'orders', messages, later: 1 },
      { topic: 'bills', messages: [] },
      { topic: 'orders', messages },
    ];
    await sendBatch({ acks: 1, topicMessages });
    const copies = [{ value: 'v', headers: { traceparent: expect.any(String) as string } }];
    expect(sentBy(original)).toEqual({
      acks: 1,
      topicMessages: [
        { topic: 'orders', messages: copies, later: 1 },
        { topic: 'bills', messages: [] },
        { topic: 'orders', messages: copies },
      ],
    });
  });
});
