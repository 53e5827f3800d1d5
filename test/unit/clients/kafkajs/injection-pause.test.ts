import { context, type DiagLogger } from '@opentelemetry/api';
import { KafkaJSProtocolError } from 'kafkajs';
import { InjectionPauses } from '../../../../src/propagation/injection-pause';
import { onceLog } from '../../../../src/support/guard';
import { contextOf, producer as span, traceparent, useTracing } from '../../core/tracing';
import { recordingProducer, sentBy, spanIdIn } from './recording';

const tracing = useTracing();

const protocolError = (type: string) =>
  new KafkaJSProtocolError(Object.assign(new Error('m'), { type, code: 10 }));

describe('after MESSAGE_TOO_LARGE, which our headers may have caused', () => {
  const tooLarge = protocolError('MESSAGE_TOO_LARGE');
  const refuse = () => Promise.reject(tooLarge);
  const record = { topic: 'orders', messages: [{ value: 'v' }] };
  const large = { topic: 'orders', messages: [{ value: 'x'.repeat(5000) }] };

  test('the same error is thrown, nothing is sent again, and the next such send has no headers and no second warning', async () => {
    const { original, send } = recordingProducer(tracing.runtime(), refuse);
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
    const { original, send } = recordingProducer(tracing.runtime(), refuse);
    const stored = { value: 'v', headers: { traceparent: traceparent(span('a')) } };
    await expect(send({ topic: 'orders', messages: [stored] })).rejects.toBe(tooLarge);
    await expect(context.with(contextOf(span('c')), () => send(record))).rejects.toBe(tooLarge);
    expect(spanIdIn(sentBy(original).messages[0])).toBe(tracing.spans()[1]?.spanId);
  });

  test('a topic of the failed call whose messages had no added headers still gets them', async () => {
    const { original, send, sendBatch } = recordingProducer(tracing.runtime(), refuse);
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

  test('a larger send to the topic has no headers, and a smaller one has them again', async () => {
    const { original, send } = recordingProducer(tracing.runtime(), refuse);
    await expect(send(large)).rejects.toBe(tooLarge);
    const larger = { topic: 'orders', messages: [{ value: 'x'.repeat(6000) }] };
    await expect(send(larger)).rejects.toBe(tooLarge);
    expect(sentBy(original)).toBe(larger);
    await expect(send(record)).rejects.toBe(tooLarge);
    expect(sentBy(original).messages[0]?.headers).toHaveProperty('traceparent');
  });

  test('smaller batches of the same topics still get headers', async () => {
    const { original, sendBatch } = recordingProducer(tracing.runtime(), refuse);
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
    const { send } = recordingProducer(tracing.runtime(), request => {
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
    const { send } = recordingProducer(
      tracing.runtime({}, { injectionPauses: new InjectionPauses(() => now), log: onceLog(() => diag) }),
      refuse,
    );
    for (let count = 0; count < 2; count++) {
      await expect(send(record)).rejects.toBe(tooLarge);
      await expect(send(record)).rejects.toBe(tooLarge);
      now += 11 * 60_000;
    }
    const warning =
      'A send to topic "orders" failed with MESSAGE_TOO_LARGE. The added trace headers may be the cause. For 10 minutes no headers ' +
      'are added to sends of this size or larger, so their traces are not connected. The error went to the program unchanged. ' +
      'To never add trace headers, set the option propagation to "extract" for this topic.';
    expect(warnings).toEqual([warning, warning]);
  });
});

describe.each(['UNSUPPORTED_FOR_MESSAGE_FORMAT', 'UNKNOWN'])('after %s', type => {
  test('no message of the topic gets headers, not even a small one', async () => {
    const refused = protocolError(type);
    const { original, send } = recordingProducer(tracing.runtime(), () => Promise.reject(refused));
    await expect(send({ topic: 'orders', messages: [{ value: 'x'.repeat(5000) }] })).rejects.toBe(refused);
    const small = { topic: 'orders', messages: [{ value: 'v' }] };
    await expect(send(small)).rejects.toBe(refused);
    expect(sentBy(original)).toBe(small);
    expect(tracing.logged).toEqual([
      `A send to topic "orders" failed with ${type}. The added trace headers may be the cause. For 10 minutes no headers are ` +
        'added for this topic, so their traces are not connected. The error went to the program unchanged. To never add ' +
        'trace headers, set the option propagation to "extract" for this topic.',
    ]);
  });
});
