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

/** The methods of a producer, in front of a function that keeps what kafkajs would have got. */
function producerOf(
  telemetry: Runtime = tracing.runtime(),
  answer: (...args: unknown[]) => unknown = () => Promise.resolve([]),
) {
  const original = jest.fn(answer);
  const owner: Methods = { send: original, sendBatch: original };
  instrumentProducer(telemetry, owner, client);
  return { original, send: owner['send'] as Send, sendBatch: owner['sendBatch'] as Send };
}
const sentBy = (original: jest.Mock) =>
  (original.mock.lastCall as unknown[] | undefined)?.[0] as Sent & { topicMessages: readonly Sent[] };
const carriedBy = (message: Sent['messages'][number] | undefined) =>
  String(message?.headers?.['traceparent']).split('-')[2];

const protocolError = (type: string) =>
  new KafkaJSProtocolError(Object.assign(new Error('m'), { type, code: 10 }));

describe('send', () => {
  test('puts the context of its span into every message, and hands everything else on', async () => {
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
    const ours = { traceparent: `00-${traceId}-${spanId}-01` };
    expect(original.mock.calls).toEqual([
      [
        {
          ...before,
          messages: [
            { value: '1', headers: ours },
            { value: '2', headers: { id: '7', ...ours } },
          ],
        },
        'more',
      ],
    ]);
    expect(sent).not.toBe(record);
    expect(record).toEqual(before);
  });

  test('takes a record that is frozen through and through, twice', async () => {
    const { original, send } = producerOf();
    const record = Object.freeze({
      topic: 'orders',
      messages: Object.freeze([Object.freeze({ value: 'v', headers: Object.freeze({ id: '7' }) })]),
    });
    await send(record);
    const first = carriedBy(sentBy(original).messages[0]);
    await send(record);
    expect([first, carriedBy(sentBy(original).messages[0])]).toEqual(
      tracing.spans().map(({ spanId }) => spanId),
    );
  });

  test('calls the original once, at once, with the receiver of the caller', () => {
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

test('sendBatch gives each message the context of its own topic', async () => {
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
  expect(sentBy(original).topicMessages.map(entry => [entry.topic, carriedBy(entry.messages[0])])).toEqual([
    ['orders', orders],
    ['bills', bills],
    ['orders', orders],
  ]);
  expect(messages).toEqual([{ value: 'v' }]);
});

test('a message that brings its own context keeps it, while the others get that of the span', async () => {
  const { original, send } = producerOf();
  const stored = { value: 'v', headers: { traceparent: traceparent(span('a')) } };
  await send({ topic: 'orders', messages: [stored, { value: 'v' }] });
  expect(sentBy(original).messages[0]).toBe(stored);
  expect(carriedBy(sentBy(original).messages[1])).toBe(tracing.spans()[0]?.spanId);
});

describe("the program's own record goes through", () => {
  const record = { topic: 'orders', messages: [{ value: 'v' }] };

  test.each<[string, () => ReturnType<typeof producerOf>, number]>([
    ['where the instrumentation is disabled', () => producerOf(tracing.runtime({}, { enabled: false })), 0],
    ['where nothing is to be injected', () => producerOf(tracing.runtime({ propagation: 'extract' })), 1],
    ['where no span can be started', () => producerOf(tracing.runtime({}, { tracer: {} as never })), 0],
  ])('%s', async (_where, make, spans) => {
    const { original, send } = make();
    await send(record);
    expect(sentBy(original)).toBe(record);
    expect(tracing.spans()).toHaveLength(spans);
  });

  test('where tracing is suppressed', async () => {
    const { original, send } = producerOf();
    await context.with(suppressTracing(context.active()), () => send(record));
    expect(sentBy(original)).toBe(record);
    expect(tracing.spans()).toEqual([]);
  });

  test('in a batch without topics, which is nothing to tell of', async () => {
    const { original, sendBatch } = producerOf();
    for (const batch of [{ topicMessages: [] }, {}]) {
      await sendBatch(batch);
      expect(sentBy(original)).toBe(batch);
    }
    expect(tracing.spans()).toEqual([]);
  });
});

describe('what kafkajs refuses', () => {
  const bare = new Kafka(config).producer(producerConfig);
  const instrumented = new Kafka(config).producer(producerConfig);
  instrumentProducer(tracing.runtime(), instrumented, client);
  const refusal = (call: () => unknown) => Promise.resolve(call()).then(() => 'nothing', (error: unknown) => String(error)); // prettier-ignore

  const thrower = { get topic(): never { throw new Error('theirs'); } }; // prettier-ignore
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
    ['messages that are no list', { topic: 'orders', messages: 'v' }],
    ['a message without value', { topic: 'orders', messages: [{ value: 'v' }, { key: 'k' }] }],
    ['null for a message', { topic: 'orders', messages: [null] }],
    ['a list with holes', { topic: 'orders', messages: new Array(2) }],
    ['a record that cannot be read', thrower],
    ['a revoked Proxy', revoked],
    ['a batch of null', { topicMessages: [null] }],
    ['a batch that is no list', { topicMessages: 'orders' }],
    ['a batch with an entry without messages', { topicMessages: [{ topic: 'orders' }] }],
    ['a good record, for it is not connected', { topic: 'orders', messages: [{ value: 'v' }] }],
    ['a good batch, likewise', { topicMessages: [{ topic: 'orders', messages: [{ value: 'v' }] }] }],
  ])('%s, it refuses in the same words', async (_what, request) => {
    for (const method of ['send', 'sendBatch'] as const) {
      const [expected, got] = await Promise.all(
        [bare, instrumented].map(each => refusal(() => (each[method] as Send)(request))),
      );
      expect(got).toBe(expected);
    }
  });
});

describe('after MESSAGE_TOO_LARGE, which our headers may have caused', () => {
  const tooLarge = protocolError('MESSAGE_TOO_LARGE');
  const refuse = () => Promise.reject(tooLarge);
  const record = { topic: 'orders', messages: [{ value: 'v' }] };
  const large = { topic: 'orders', messages: [{ value: 'x'.repeat(5000) }] };

  test('the error is the very same, nothing is sent again, and the same send goes without headers, told once', async () => {
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

  test('nothing changes where no header of ours was in it', async () => {
    const { original, send } = producerOf(tracing.runtime(), refuse);
    const stored = { value: 'v', headers: { traceparent: traceparent(span('a')) } };
    await expect(send({ topic: 'orders', messages: [stored] })).rejects.toBe(tooLarge);
    await expect(context.with(contextOf(span('c')), () => send(record))).rejects.toBe(tooLarge);
    expect(carriedBy(sentBy(original).messages[0])).toBe(tracing.spans()[1]?.spanId);
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

  test('other topics of the same batch go on, and so does the topic itself below that size', async () => {
    const { original, sendBatch } = producerOf(tracing.runtime(), refuse);
    const batch = { topicMessages: [large, { ...record, topic: 'bills' }] };
    await expect(sendBatch(batch)).rejects.toBe(tooLarge);
    await expect(sendBatch(batch)).rejects.toBe(tooLarge);
    expect(sentBy(original)).toBe(batch);
    await expect(sendBatch({ topicMessages: [record, { ...record, topic: 'bills' }] })).rejects.toBe(
      tooLarge,
    );
    expect(sentBy(original).topicMessages.map(({ messages }) => carriedBy(messages[0]))).toEqual(
      tracing
        .spans()
        .slice(-2)
        .map(({ spanId }) => spanId),
    );
    expect(tracing.logged[0]).toContain('topics "orders", "bills" failed with MESSAGE_TOO_LARGE');
  });

  test('a program whose messages come near the limit loses at most one of them to our headers', async () => {
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

  test('a later pause is told again', async () => {
    let now = 0;
    const warnings: unknown[] = [];
    const diag = { warn: (message: unknown) => warnings.push(message) } as unknown as DiagLogger;
    const { send } = producerOf(
      tracing.runtime({}, { pauses: new InjectionPauses(() => now), log: onceLog(() => diag) }),
      refuse,
    );
    for (let count = 0; count < 2; count++) {
      await expect(send(record)).rejects.toBe(tooLarge);
      await expect(send(record)).rejects.toBe(tooLarge);
      now += 11 * 60_000;
    }
    const warning =
      'A send to topic "orders" failed with MESSAGE_TOO_LARGE, which added trace headers can cause: no headers are added to ' +
      'sends of this size or larger during the next 10 minutes. The error went to the program unchanged.';
    expect(warnings).toEqual([warning, warning]);
  });
});

describe.each(['UNSUPPORTED_FOR_MESSAGE_FORMAT', 'UNKNOWN'])('after %s', type => {
  test('no message of the topic has headers, however small', async () => {
    const refused = protocolError(type);
    const { original, send } = producerOf(tracing.runtime(), () => Promise.reject(refused));
    await expect(send({ topic: 'orders', messages: [{ value: 'x'.repeat(5000) }] })).rejects.toBe(refused);
    const small = { topic: 'orders', messages: [{ value: 'v' }] };
    await expect(send(small)).rejects.toBe(refused);
    expect(sentBy(original)).toBe(small);
    expect(tracing.logged).toEqual([
      `A send to topic "orders" failed with ${type}, which added trace headers can cause: no headers are added for this ` +
        'topic during the next 10 minutes. The error went to the program unchanged.',
    ]);
  });
});
