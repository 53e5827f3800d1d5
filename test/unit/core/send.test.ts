import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { traceSend } from '../../../src/core/send';
import { propagateContext } from '../../../src/propagation/inject';
import { send } from './sending';
import {
  client,
  clientAttributes,
  contextOf,
  operationAttributes,
  partitionAttributes,
  producer,
  stranger,
  succeeded,
  useTracing,
} from './tracing';

const tracing = useTracing();

const message = (fields: object = {}) => ({ key: 'k', value: 'v', ...fields });
const entry = (topic: string, ...messages: unknown[]) => ({ topic, messages });
const written = (topicName: string, partition: number, baseOffset = '7') => ({
  topicName,
  partition,
  errorCode: 0,
  baseOffset,
  logAppendTime: '-1',
});

describe('a send of one message', () => {
  test('has a span with the key, and with the partition and offset that Kafka assigned', async () => {
    await send(tracing.runtime(), [entry('orders', message())], { result: [written('orders', 2)] });
    expect(tracing.spans()).toEqual([
      succeeded('send orders', 'PRODUCER', {
        ...operationAttributes('send'),
        ...partitionAttributes,
        ...clientAttributes,
        'messaging.kafka.offset': 7,
        'messaging.kafka.message.key': 'k',
      }),
    ]);
  });

  test('leaves out unknown attributes', async () => {
    await send(tracing.runtime(), [entry('orders', { value: null })], { info: stranger });
    expect(tracing.spans()[0]?.attributes).toEqual({
      ...operationAttributes('send'),
      'messaging.kafka.message.tombstone': true,
    });
  });

  test('starts its span with a partition that the program has chosen, so that samplers see it', async () => {
    const startSpan = jest.fn(() => trace.wrapSpanContext(producer('a')));
    const runtime = tracing.runtime({}, { tracer: { startSpan, startActiveSpan: jest.fn() } });
    await send(runtime, [entry('orders', message({ partition: 1 }))]);
    expect(startSpan).toHaveBeenCalledWith(
      'send orders',
      expect.objectContaining({
        attributes: expect.objectContaining({
          'messaging.destination.partition.id': '1',
          'server.address': 'kafka-1',
        }) as unknown,
      }),
      ROOT_CONTEXT,
    );
  });
});

describe('a send of several messages', () => {
  test('has their count, and no key or offset', async () => {
    await send(tracing.runtime(), [entry('orders', message(), message())], {
      result: [written('orders', 2)],
    });
    const [span] = tracing.spans();
    expect(span?.attributes).toMatchObject({
      'messaging.batch.message_count': 2,
      'messaging.destination.partition.id': '2',
    });
    expect(span?.attributes).not.toHaveProperty(['messaging.kafka.message.key']);
    expect(span?.attributes).not.toHaveProperty(['messaging.kafka.offset']);
  });

  test('has neither partition nor broker if several partitions were written', async () => {
    await send(tracing.runtime(), [entry('orders', message(), message())], {
      result: [written('orders', 1), written('orders', 2)],
    });
    const attributes = tracing.spans()[0]?.attributes ?? {};
    expect(Object.keys(attributes).filter(key => /partition|server/.test(key))).toEqual([]);
  });

  test('has the count 0 for an empty list', async () => {
    await send(tracing.runtime(), [entry('orders')]);
    expect(tracing.spans()[0]?.attributes).toMatchObject({ 'messaging.batch.message_count': 0 });
  });

  test('has no count if the messages are no array, which kafkajs refuses', async () => {
    await send(tracing.runtime(), [{ topic: 'orders', messages: 'text' }], { error: new Error('refused') });
    expect(tracing.spans()[0]?.name).toBe('send orders');
    expect(tracing.spans()[0]?.attributes).not.toHaveProperty(['messaging.batch.message_count']);
  });
});

describe('from the result of kafkajs, the span has', () => {
  const place = (partition: number, offset?: number) => ({ partition: String(partition), offset });

  test.each<[string, object[], unknown, { partition?: string; offset?: number | undefined }]>([
    ['partition 0 and offset 0', [message()], [written('orders', 0, '0')], place(0, 0)],
    [
      'nothing from the entries of other topics',
      [message()],
      [written('bills', 1, '3'), written('orders', 2)],
      place(2, 7),
    ],
    [
      'nothing if kafkajs dropped a message for its unknown partition',
      [message(), message({ partition: 99 })],
      [written('orders', 2)],
      {},
    ],
    [
      'the partition that the messages name',
      [message({ partition: 2 }), message({ partition: 2 })],
      [written('orders', 2)],
      place(2),
    ],
    [
      'a partition that a message names as a string',
      [message({ partition: '2' })],
      [written('orders', 2)],
      place(2, 7),
    ],
    [
      'partition and offset of a message whose partition is null',
      [message({ partition: null })],
      [written('orders', 2)],
      place(2, 7),
    ],
    ['nothing without an entry of the topic, as with acks 0', [message()], [], {}],
    [
      'the offset as brokers before 0.11 name it',
      [message()],
      [{ topicName: 'orders', partition: 2, offset: '9' }],
      place(2, 9),
    ],
    [
      'the partition alone if there is no offset',
      [message()],
      [{ topicName: 'orders', partition: 2 }],
      place(2),
    ],
    [
      'no offset beyond the safe integers',
      [message()],
      [written('orders', 2, '9223372036854775807')],
      place(2),
    ],
    ['nothing without a partition', [message()], [{ topicName: 'orders' }], {}],
    ['partition and offset beside an entry of null', [message()], [null, written('orders', 2)], place(2, 7)],
    ['nothing without a result', [message()], null, {}],
    ['nothing from a result of another form', [message()], { partition: 2 }, {}],
  ])('%s', async (_what, messages, result, expected) => {
    await send(tracing.runtime(), [entry('orders', ...messages)], { result });
    const { attributes = {} } = tracing.spans()[0] ?? {};
    expect({
      partition: attributes['messaging.destination.partition.id'],
      offset: attributes['messaging.kafka.offset'],
    }).toEqual({ partition: expected.partition, offset: expected.offset });
    expect(tracing.logged).toEqual([]);
  });
});

describe('a send to several topics', () => {
  test('has a span for each, whose context is in the messages of that topic', async () => {
    const entries = [
      entry('orders', message(), message()),
      entry('bills', message()),
      entry('orders', message()),
    ];
    const carried = await send(tracing.runtime(), entries, {
      active: contextOf(producer('c')),
      result: [written('bills', 0), written('orders', 1)],
    });
    const spans = tracing.spans();
    const [orders, bills] = spans;
    expect(spans.map(({ name }) => name)).toEqual(['send orders', 'send bills']);
    expect(spans.map(({ parent }) => parent)).toEqual([producer('c').spanId, producer('c').spanId]);
    expect(spans.map(({ attributes }) => attributes['messaging.batch.message_count'])).toEqual([
      3,
      undefined,
    ]);
    expect(spans.map(({ attributes }) => attributes['messaging.kafka.partition'])).toEqual([1, 0]);
    expect(carried.map(contexts => contexts.map(context => context?.spanId))).toEqual([
      [orders?.spanId, orders?.spanId],
      [bills?.spanId],
      [orders?.spanId],
    ]);
  });

  test('may share one array of messages: each topic gets its own context', async () => {
    const messages = [message()];
    const carried = await send(tracing.runtime(), [
      { topic: 'orders', messages },
      { topic: 'bills', messages },
    ]);
    expect(carried.map(([context]) => context?.spanId)).toEqual(tracing.spans().map(({ spanId }) => spanId));
  });

  test.each([
    [16, 16, 'send topic-0', 'topic-0'],
    [17, 1, 'send', undefined],
  ])('to %d topics has %d spans, the first named %p', async (topics, count, name, destination) => {
    const entries = Array.from({ length: topics }, (_, topic) => entry(`topic-${topic}`, message()));
    const carried = await send(tracing.runtime(), entries);
    const spans = tracing.spans();
    expect(spans).toHaveLength(count);
    expect(spans[0]?.name).toBe(name);
    expect(spans[0]?.attributes['messaging.destination.name']).toBe(destination);
    expect(spans[0]?.attributes['messaging.batch.message_count']).toBe(count === 1 ? 17 : undefined);
    expect(new Set(carried.flat().map(context => context?.spanId))).toEqual(
      new Set(spans.map(({ spanId }) => spanId)),
    );
  });

  test('a failure is recorded on every span of the call', async () => {
    const error = new TypeError('m');
    await send(tracing.runtime(), [entry('orders', message()), entry('bills', message())], { error });
    expect(tracing.spans().map(span => [span.name, span.status.code, span.attributes['error.type']])).toEqual(
      [
        ['send orders', 'ERROR', 'TypeError'],
        ['send bills', 'ERROR', 'TypeError'],
      ],
    );
  });

  test('a span that cannot be started does not affect the other topics', async () => {
    const { tracer } = tracing.runtime();
    const startSpan: typeof tracer.startSpan = (name, options, active) => {
      if (name === 'send bills') throw new Error('ours');
      return tracer.startSpan(name, options, active);
    };
    const runtime = tracing.runtime({}, { tracer: { startSpan, startActiveSpan: jest.fn() } });
    const carried = await send(runtime, [entry('bills', message()), entry('orders', message())]);
    const [orders] = tracing.spans();
    expect(tracing.spans().map(({ name }) => name)).toEqual(['send orders']);
    expect(carried.map(([context]) => context?.spanId)).toEqual([undefined, orders?.spanId]);
    expect(new Set(tracing.logged)).toEqual(new Set(['send: ours']));
  });
});

test('a call that the client library will refuse has a span without destination', () => {
  const error = Object.assign(new Error('m'), { name: 'KafkaJSNonRetriableError' });
  const call = jest.fn((): never => {
    throw error;
  });
  expect(() => traceSend(tracing.runtime(), client, () => undefined, call)).toThrow(error);
  expect(call.mock.calls).toEqual([[undefined]]);
  expect(tracing.spans()).toEqual([
    expect.objectContaining({
      name: 'send',
      status: { code: 'ERROR', message: 'm' },
      attributes: expect.objectContaining({ 'error.type': 'KafkaJSNonRetriableError' }) as unknown,
    }),
  ]);
});

test('the producer hook gets each span once, with the first message and all messages', async () => {
  const producerHook = jest.fn();
  const [first, second] = [message({ key: '1' }), message({ key: '2' })];
  await send(tracing.runtime({ producerHook }), [entry('orders', first, second), entry('bills', second)]);
  expect(producerHook.mock.calls.map(([, info]: unknown[]) => info)).toEqual([
    { topic: 'orders', message: first, messages: [first, second] },
    { topic: 'bills', message: second, messages: [second] },
  ]);
});

test('a message whose getter throws gets a failed span: the client library fails on it too', async () => {
  const error = new Error('theirs');
  const unreadable = { get key(): never { throw error; } }; // prettier-ignore
  await send(tracing.runtime(), [entry('orders', unreadable)], { error });
  expect(tracing.spans()).toEqual([
    expect.objectContaining({ name: 'send orders', status: { code: 'ERROR', message: 'theirs' } }),
  ]);
});

test('a message keeps the headers of propagateContext, and the span links to them, even if the call names the topic twice', async () => {
  const stored = propagateContext({ value: 'v' }, contextOf(producer('a')));
  const topicTwice = [entry('orders', message()), entry('orders', stored, message())];
  const carried = await send(tracing.runtime(), topicTwice);
  const [span] = tracing.spans();
  expect(span).toMatchObject({ kind: 'PRODUCER', links: [{ span: producer('a').spanId }] });
  expect(carried.map(contexts => contexts.map(context => context?.spanId))).toEqual([
    [span?.spanId],
    [producer('a').spanId, span?.spanId],
  ]);
});
