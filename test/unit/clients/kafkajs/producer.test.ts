import { context, trace, type DiagLogger } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { Kafka, KafkaJSProtocolError } from 'kafkajs';
import { instrumentProducer } from '../../../../src/clients/kafkajs/producer';
import type { Methods } from '../../../../src/support/wrap';
import { InjectionPauses } from '../../../../src/propagation/injection-pause';
import { onceLog } from '../../../../src/support/guard';
import type { Runtime } from '../../../../src/runtime';
import { client, contextOf, producer as span, traceparent, useTracing } from '../../core/tracing';
import { config, producerConfig } from './kafka';

const tracing = useTracing();

interface Sent {
  readonly topic: string;
  readonly messages: readonly { readonly headers?: Readonly<Record<string, unknown>> }[];
}
type Send = (...args: unknown[]) => unknown;

/** An instrumented producer whose original methods record their arguments. */
function producerOf(
  runtime: Runtime = tracing.runtime(),
  answer: (...args: unknown[]) => unknown = () => Promise.resolve([]),
) {
  const original = jest.fn(answer);
  const owner: Methods = { send: original, sendBatch: original };
  instrumentProducer(runtime, owner, client);
  return { original, send: owner['send'] as Send, sendBatch: owner['sendBatch'] as Send };
}
const sentBy = (original: jest.Mock) =>
  (original.mock.lastCall as unknown[] | undefined)?.[0] as Sent & { topicMessages: readonly Sent[] };
const spanIdIn = (message: Sent['messages'][number] | undefined) =>
  String(message?.headers?.['traceparent']).split('-')[2];

const protocolError = (type: string) =>
  new KafkaJSProtocolError(Object.assign(new Error('m'), { type, code: 10 }));

describe('send', () => {
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
    const { send } = producerOf(tracing.runtime(), function (this: unknown) {
      seen.push(this);
    });
    send.call(receiver, { topic: 'orders', messages: [] });
    expect(seen).toEqual([receiver]);
    expect(seen[0]).toBe(receiver);
  });

  test('does not make its span active around the work of kafkajs', async () => {
    const active: unknown[] = [];
    const { send } = producerOf(tracing.runtime(), () => active.push(trace.getSpan(context.active())));
    await send({ topic: 'orders', messages: [{ value: 'v' }] });
    expect(active).toEqual([undefined]);
  });
});

test('sendBatch adds the context of the span of its topic to each message', async () => {
  const { original, sendBatch } = producerOf();
  const messages = [{ value: 'v' }];
  await sendBatch({
    topicMessages: [
      { topic: 'orders', messages },
      { topic: 'bills', messages },
      { topic: 'orders', messages },
    ],
  });
  const [orders, bills] = tracing.spans().map(({ spanId }) => spanId);
  expect(sentBy(original).topicMessages.map(entry => [entry.topic, spanIdIn(entry.messages[0])])).toEqual([
    ['orders', orders],
    ['bills', bills],
    ['orders', orders],
  ]);
  expect(messages).toEqual([{ value: 'v' }]);
});

test('a message with its own context keeps it, and the others get that of the span', async () => {
  const { original, send } = producerOf();
  const stored = { value: 'v', headers: { traceparent: traceparent(span('a')) } };
  await send({ topic: 'orders', messages: [stored, { value: 'v' }] });
  expect(sentBy(original).messages[0]).toBe(stored);
  expect(spanIdIn(sentBy(original).messages[1])).toBe(tracing.spans()[0]?.spanId);
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

describe('a request that kafkajs refuses', () => {
  const bare = new Kafka(config).producer(producerConfig);
  const instrumented = new Kafka(config).producer(producerConfig);
  instrumentProducer(tracing.runtime(), instrumented, client);
  const refusal = (call: () => unknown) => Promise.resolve(call()).then(() => 'nothing', (error: unknown) => String(error)); // prettier-ignore

  const thrower = { get topic(): never { throw new Error('from a getter'); } }; // prettier-ignore
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'orders'],
    ['an empty object', {}],
    ['no topic', { messages: [{ value: 'v' }] }],
    ['an empty topic', { topic: '', messages: [] }],
    ['no messages', { topic: 'orders' }],
    ['messages that are not an array', { topic: 'orders', messages: 'v' }],
    ['a message without value', { topic: 'orders', messages: [{ value: 'v' }, { key: 'k' }] }],
    ['a message of null', { topic: 'orders', messages: [null] }],
    ['an array with holes', { topic: 'orders', messages: new Array(2) }],
    ['a record whose getter throws', thrower],
    ['a revoked Proxy', revoked],
    ['a batch of null', { topicMessages: [null] }],
    ['a batch that is not an array', { topicMessages: 'orders' }],
    ['a batch with an entry without messages', { topicMessages: [{ topic: 'orders' }] }],
    ['a valid record without a connection', { topic: 'orders', messages: [{ value: 'v' }] }],
    [
      'a valid batch without a connection',
      { topicMessages: [{ topic: 'orders', messages: [{ value: 'v' }] }] },
    ],
  ])('%s fails with the same error', async (_what, request) => {
    for (const method of ['send', 'sendBatch'] as const) {
      const [expected, got] = await Promise.all(
        [bare, instrumented].map(each => refusal(() => (each[method] as Send)(request))),
      );
      expect(got).toBe(expected);
    }
  });
});

describe('after MESSAGE_TOO_LARGE, which added headers can cause', () => {
  const tooLarge = protocolError('MESSAGE_TOO_LARGE');
  const refuse = () => Promise.reject(tooLarge);
  const record = { topic: 'orders', messages: [{ value: 'v' }] };
  const large = { topic: 'orders', messages: [{ value: 'x'.repeat(5000) }] };

  test('the same error is thrown, nothing is sent again, and the next such send has no headers and no second warning', async () => {
    const { original, send } = producerOf(tracing.runtime(), refuse);
    await expect(send(record)).rejects.toBe(tooLarge);
    expect(original).toHaveBeenCalledTimes(1);
    await expect(send(record)).rejects.toBe(tooLarge);
    expect(sentBy(original)).toBe(record);
    expect(tracing.logged).toEqual([expect.stringContaining('topic "orders" failed with MESSAGE_TOO_LARGE')]);
    expect(tracing.spans()).toHaveLength(2);
    await expect(send({ ...record, topic: 'bills' })).rejects.toBe(tooLarge);
    expect(sentBy(original).messages[0]?.headers).toHaveProperty('traceparent');
  });

  test('nothing changes if the failed call had no added headers', async () => {
    const { original, send } = producerOf(tracing.runtime(), refuse);
    const stored = { value: 'v', headers: { traceparent: traceparent(span('a')) } };
    await expect(send({ topic: 'orders', messages: [stored] })).rejects.toBe(tooLarge);
    await expect(context.with(contextOf(span('c')), () => send(record))).rejects.toBe(tooLarge);
    expect(spanIdIn(sentBy(original).messages[0])).toBe(tracing.spans()[1]?.spanId);
  });

  test('a topic of the failed call whose messages had no added headers still gets them', async () => {
    const { original, send, sendBatch } = producerOf(tracing.runtime(), refuse);
    const stored = { value: 'x'.repeat(5000), headers: { traceparent: traceparent(span('a')) } };
    const topicMessages = [
      { topic: 'orders', messages: [stored] },
      { ...large, topic: 'bills' },
    ];
    await expect(sendBatch({ topicMessages })).rejects.toBe(tooLarge);
    expect(tracing.logged).toEqual([expect.stringContaining('A send to topic "bills" failed with')]);
    await expect(send({ topic: 'orders', messages: [{ value: 'x'.repeat(20_000) }] })).rejects.toBe(tooLarge);
    expect(sentBy(original).messages[0]?.headers).toHaveProperty('traceparent');
  });

  test('a smaller send to the topic has headers again, and a larger one does not', async () => {
    const { original, send } = producerOf(tracing.runtime(), refuse);
    await expect(send(large)).rejects.toBe(tooLarge);
    await expect(send(record)).rejects.toBe(tooLarge);
    expect(sentBy(original).messages[0]?.headers).toHaveProperty('traceparent');

    const { original: other, send: sendOther } = producerOf(tracing.runtime(), refuse);
    await expect(sendOther(large)).rejects.toBe(tooLarge);
    for (const messages of [
      [{ value: 'x'.repeat(6000) }],
      [{ value: 'x'.repeat(4960) }],
      [{ value: Buffer.alloc(5000) }],
      [{ key: 'x'.repeat(5000), value: null }],
      [{ value: 'v', headers: { id: 'x'.repeat(2500), list: ['x'.repeat(2500), 'x'] } }],
      Array.from({ length: 1000 }, () => ({ value: 'v' })),
    ]) {
      const same = { topic: 'orders', messages };
      await expect(sendOther(same)).rejects.toBe(tooLarge);
      expect(sentBy(other)).toBe(same);
    }
  });

  test('smaller batches of the same topics still get headers', async () => {
    const { original, sendBatch } = producerOf(tracing.runtime(), refuse);
    const batch = { topicMessages: [large, { ...record, topic: 'bills' }] };
    await expect(sendBatch(batch)).rejects.toBe(tooLarge);
    await expect(sendBatch(batch)).rejects.toBe(tooLarge);
    expect(sentBy(original)).toBe(batch);
    await expect(sendBatch({ topicMessages: [record, { ...record, topic: 'bills' }] })).rejects.toBe(
      tooLarge,
    );
    expect(sentBy(original).topicMessages.map(({ messages }) => spanIdIn(messages[0]))).toEqual(
      tracing
        .spans()
        .slice(-2)
        .map(({ spanId }) => spanId),
    );
    expect(tracing.logged[0]).toContain('topics "orders", "bills" failed with MESSAGE_TOO_LARGE');
  });

  test('a program with messages near the limit loses at most one of them to added headers', async () => {
    const limit = 1000;
    const lost: number[] = [];
    const { send } = producerOf(tracing.runtime(), request => {
      const [{ value = '', headers = {} } = {}] = (request as { messages: { value?: string; headers?: object }[] }).messages; // prettier-ignore
      const size = value.length + JSON.stringify(headers).length;
      if (size <= limit) return Promise.resolve([]);
      if (value.length + 2 <= limit) lost.push(value.length);
      return refuse();
    });
    for (const length of [5000, 990, 1500, 995, 985, 991, 998, 3000, 999, 10, 990])
      await Promise.resolve(send({ topic: 'orders', messages: [{ value: 'x'.repeat(length) }] })).catch(() => undefined); // prettier-ignore
    expect(lost).toEqual([990]);
  });

  test('a later pause is logged again', async () => {
    let now = 0;
    const warnings: unknown[] = [];
    const diag = { warn: (message: unknown) => warnings.push(message) } as unknown as DiagLogger;
    const { send } = producerOf(
      tracing.runtime({}, { injectionPauses: new InjectionPauses(() => now), log: onceLog(() => diag) }),
      refuse,
    );
    for (let count = 0; count < 2; count++) {
      await expect(send(record)).rejects.toBe(tooLarge);
      await expect(send(record)).rejects.toBe(tooLarge);
      now += 11 * 60_000;
    }
    const warning =
      'A send to topic "orders" failed with MESSAGE_TOO_LARGE, which added trace headers can cause. For 10 minutes no headers ' +
      'are added to sends of this size or larger, so their traces are not connected. The error went to the program unchanged. ' +
      'To add none at all, set the option propagation to "extract" for this topic.';
    expect(warnings).toEqual([warning, warning]);
  });
});

describe.each(['UNSUPPORTED_FOR_MESSAGE_FORMAT', 'UNKNOWN'])('after %s', type => {
  test('no message of the topic gets headers, not even a small one', async () => {
    const refused = protocolError(type);
    const { original, send } = producerOf(tracing.runtime(), () => Promise.reject(refused));
    await expect(send({ topic: 'orders', messages: [{ value: 'x'.repeat(5000) }] })).rejects.toBe(refused);
    const small = { topic: 'orders', messages: [{ value: 'v' }] };
    await expect(send(small)).rejects.toBe(refused);
    expect(sentBy(original)).toBe(small);
    expect(tracing.logged).toEqual([
      `A send to topic "orders" failed with ${type}, which added trace headers can cause. For 10 minutes no headers are ` +
        'added for this topic, so their traces are not connected. The error went to the program unchanged. To add none at ' +
        'all, set the option propagation to "extract" for this topic.',
    ]);
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

  test.each([[undefined], [null], ['v'], [{}], [new Set(messages)]])(
    'with %p as messages is a span of its topic without a count',
    async odd => {
      const { original, send } = producerOf();
      const request = { topic: 'orders', messages: odd };
      await send(request);
      expect(sentBy(original)).toBe(request);
      const [span, ...others] = tracing.spans();
      expect([span?.name, others]).toEqual(['send orders', []]);
      expect(span?.attributes).not.toHaveProperty('messaging.batch.message_count');
    },
  );

  test.each<['send' | 'sendBatch', unknown]>([
    ['send', undefined],
    ['send', null],
    ['send', 'orders'],
    ['send', {}],
    ['send', { topic: '', messages }],
    ['send', { topic: 7, messages }],
    ['sendBatch', undefined],
    ['sendBatch', null],
    ['sendBatch', { topicMessages: null }],
    ['sendBatch', { topicMessages: 'orders' }],
    ['sendBatch', { topicMessages: [null] }],
    ['sendBatch', { topicMessages: [{ topic: 'orders', messages }, { messages }] }],
  ])('that kafkajs refuses passes unchanged, with a span without topic: %s(%j)', async (method, request) => {
    const producer = producerOf();
    await producer[method](request);
    expect(producer.original.mock.calls).toEqual([[request]]);
    expect(sentBy(producer.original)).toBe(request);
    expect(tracing.spans().map(({ name }) => name)).toEqual(['send']);
  });
});

describe('headers are added only to messages that kafkajs does not refuse', () => {
  class Headers {
    constructor(readonly a: unknown) {}
  }

  test.each<[string, unknown, boolean]>([
    ['a value', { value: 'v' }, true],
    ['a tombstone', { value: null }, true],
    [
      'headers of text, bytes and lists',
      { value: 'v', headers: { a: 'b', c: Buffer.from('d'), e: ['f', Buffer.from('g')], h: [] } },
      true,
    ],
    [
      'headers in a Map, whose entries kafkajs does not read',
      { value: 'v', headers: new Map([['a', 1]]) },
      true,
    ],
    ['headers of a class', { value: 'v', headers: new Headers('b') }, true],
    ['no value', { key: 'k' }, false],
    ['null', null, false],
    ['text', 'v', false],
    ['a header of null', { value: 'v', headers: { a: null } }, false],
    ['a header of undefined', { value: 'v', headers: { a: undefined } }, false],
    ['a number in headers of a class', { value: 'v', headers: new Headers(1) }, false],
    ['an array of headers', { value: 'v', headers: [{ key: 'a', value: 'b' }] }, false],
    ['a header that is a number', { value: 'v', headers: { a: 1 } }, false],
    ['a list with null in a header', { value: 'v', headers: { a: ['b', null] } }, false],
    [
      'a trace header of null, which an added one must not hide',
      { value: 'v', headers: { traceparent: null } },
      false,
    ],
  ])('%s', async (_what, message, isSendable) => {
    const { original, send } = producerOf();
    const request = { topic: 'orders', messages: [{ value: 'other' }, message] };
    await send(request);
    expect(Object.is(sentBy(original), request)).toBe(!isSendable);
    expect(tracing.logged).toEqual([]);
  });
});
