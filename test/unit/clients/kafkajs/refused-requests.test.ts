import { Kafka } from 'kafkajs';
import { instrumentProducer } from '../../../../src/clients/kafkajs/producer';
import { client, useTracing } from '../../core/tracing';
import { config, producerConfig } from './kafka';
import { recordingProducer, sentBy, type Send } from './recording';

const tracing = useTracing();

const messages = [{ value: 'v' }];
const bare = new Kafka(config).producer(producerConfig);
const instrumented = new Kafka(config).producer(producerConfig);
instrumentProducer(tracing.runtime(), instrumented, client);

/** Returns the errors of a call without and with instrumentation. */
const errorsOf = (method: 'send' | 'sendBatch', request: unknown) =>
  Promise.all(
    [bare, instrumented].map(producer =>
      Promise.resolve((producer[method] as Send)(request)).then(
        () => 'none',
        (error: unknown) => String(error),
      ),
    ),
  );

const thrower = { get topic(): never { throw new Error('from a getter'); } }; // prettier-ignore
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

describe.each<['send' | 'sendBatch', string, [string, unknown][]]>([
  [
    'send',
    'send',
    [
      ['undefined', undefined],
      ['null', null],
      ['a string', 'orders'],
      ['an empty object', {}],
      ['no topic', { messages }],
      ['an empty topic', { topic: '', messages }],
      ['a number as topic', { topic: 7, messages }],
      ['a getter that throws', thrower],
      ['a revoked Proxy', revoked],
    ],
  ],
  [
    'send',
    'send orders',
    [
      ['no messages', { topic: 'orders' }],
      ['messages of null', { topic: 'orders', messages: null }],
      ['a string as messages', { topic: 'orders', messages: 'v' }],
      ['an object as messages', { topic: 'orders', messages: {} }],
      ['a Set as messages', { topic: 'orders', messages: new Set(messages) }],
      ['a message without value', { topic: 'orders', messages: [...messages, { key: 'k' }] }],
      ['a message of null', { topic: 'orders', messages: [null] }],
      ['an array with holes', { topic: 'orders', messages: new Array(2) }],
    ],
  ],
  [
    'sendBatch',
    'send',
    [
      ['undefined', undefined],
      ['null', null],
      ['a string', 'orders'],
      ['topics of null', { topicMessages: null }],
      ['a string as topics', { topicMessages: 'orders' }],
      ['an entry of null', { topicMessages: [null] }],
      ['an entry without topic', { topicMessages: [{ topic: 'orders', messages }, { messages }] }],
      ['a revoked Proxy', revoked],
    ],
  ],
  ['sendBatch', 'send orders', [['an entry without messages', { topicMessages: [{ topic: 'orders' }] }]]],
])('%s of a request that kafkajs refuses has a span named "%s":', (method, name, requests) => {
  test.each(requests)(
    '%s fails with the same error and reaches kafkajs unchanged',
    async (_what, request) => {
      const producer = recordingProducer(tracing.runtime());
      await producer[method](request);
      expect(producer.original).toHaveBeenCalledTimes(1);
      expect(Object.is(sentBy(producer.original), request)).toBe(true);
      const [span, ...others] = tracing.spans();
      expect([span?.name, others]).toEqual([name, []]);
      const [expected, actual] = await errorsOf(method, request);
      expect(expected).toMatch(/Error/);
      expect(actual).toBe(expected);
    },
  );
});

test.each<['send' | 'sendBatch', object]>([
  ['send', { topic: 'orders', messages }],
  ['sendBatch', { topicMessages: [{ topic: 'orders', messages }] }],
])('%s without a connection fails with the same error', async (method, request) => {
  const [expected, actual] = await errorsOf(method, request);
  expect(expected).toMatch(/disconnected/);
  expect(actual).toBe(expected);
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
    const { original, send } = recordingProducer(tracing.runtime());
    const request = { topic: 'orders', messages: [{ value: 'other' }, message] };
    await send(request);
    expect(Object.is(sentBy(original), request)).toBe(!isSendable);
    expect(tracing.logged).toEqual([]);
  });
});
