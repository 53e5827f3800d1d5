import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { propagateContext } from '../../../src/propagation/inject';
import { startSend, type TopicMessages } from '../../../src/core/send';
import { client, contextOf, producer, stranger, useTracing } from './tracing';

const tracing = useTracing();

const message = (fields: object = {}) => ({ key: 'k', value: 'v', ...fields });
const entry = (topic: string, ...messages: unknown[]): TopicMessages => ({ topic, messages });
const written = (topicName: string, partition: number, baseOffset = '7') => ({
  topicName,
  partition,
  baseOffset,
});

/** Sends, and gives the spans in the order of the topics. */
function send(entries: readonly TopicMessages[], { config = {}, result = [] as unknown, facts = client } = {}) {
  startSend(tracing.runtime(config), facts, entries, ROOT_CONTEXT).end(result);
  return tracing.spans();
}

describe('a send of one message', () => {
  test('is a span that tells key, partition and offset as Kafka assigned them', () => {
    expect(send([entry('orders', message())], { result: [written('orders', 2)] })).toEqual([
      {
        name: 'send orders',
        kind: 'PRODUCER',
        traceId: expect.any(String) as unknown,
        spanId: expect.any(String) as unknown,
        parent: undefined,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.operation.name': 'send',
          'messaging.operation.type': 'send',
          'messaging.destination.name': 'orders',
          'messaging.destination.partition.id': '2',
          'messaging.kafka.partition': 2,
          'messaging.kafka.offset': 7,
          'messaging.kafka.message.key': 'k',
          'messaging.client.id': 'shop',
          'messaging.kafka.cluster.id': 'cluster-1',
          'server.address': 'kafka-2',
          'server.port': 9092,
        },
        links: [],
        status: { code: 'UNSET' },
        events: [],
      },
    ]);
  });

  test('leaves out what is not known', () => {
    const [span] = send([entry('orders', { value: null })], { facts: stranger });
    expect(span?.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'orders',
      'messaging.kafka.message.tombstone': true,
    });
  });

  test('knows at its start a partition that the program has chosen', () => {
    const startSpan = jest.fn(() => trace.wrapSpanContext(producer('a')));
    const { tracer } = { tracer: { startSpan, startActiveSpan: jest.fn() } };
    startSend(
      tracing.runtime({}, { tracer }),
      client,
      [entry('orders', message({ partition: 1 }))],
      ROOT_CONTEXT,
    );
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
  test('counts them, and tells no key or offset of any', () => {
    const [span] = send([entry('orders', message(), message())], { result: [written('orders', 2)] });
    expect(span?.attributes).toMatchObject({
      'messaging.batch.message_count': 2,
      'messaging.destination.partition.id': '2',
    });
    expect(span?.attributes).not.toHaveProperty(['messaging.kafka.message.key']);
    expect(span?.attributes).not.toHaveProperty(['messaging.kafka.offset']);
  });

  test('tells neither partition nor broker where several were written to', () => {
    const [span] = send([entry('orders', message(), message())], {
      result: [written('orders', 1), written('orders', 2)],
    });
    expect(Object.keys(span?.attributes ?? {}).filter(key => /partition|server/.test(key))).toEqual([]);
  });

  test('counts none where there are none', () => {
    expect(send([entry('orders')])[0]?.attributes).toMatchObject({ 'messaging.batch.message_count': 0 });
  });

  test('counts nothing where kafkajs will refuse what stands in their place', () => {
    const [span] = send([{ topic: 'orders', messages: [], isMalformed: true }]);
    expect(span?.attributes).not.toHaveProperty(['messaging.batch.message_count']);
  });
});

test('a call that kafkajs will refuse is a span without destination', () => {
  const operation = startSend(tracing.runtime(), client, [], ROOT_CONTEXT);
  operation.fail(Object.assign(new Error('m'), { name: 'KafkaJSNonRetriableError' }));
  expect(tracing.spans()).toEqual([
    expect.objectContaining({
      name: 'send',
      status: { code: 'ERROR', message: 'm' },
      attributes: expect.objectContaining({ 'error.type': 'KafkaJSNonRetriableError' }) as unknown,
    }),
  ]);
});

test('a failure is that of every span of the call', () => {
  startSend(
    tracing.runtime(),
    client,
    [entry('orders', message()), entry('bills', message())],
    ROOT_CONTEXT,
  ).fail(new TypeError('m'));
  expect(tracing.spans().map(span => [span.name, span.status.code, span.attributes['error.type']])).toEqual([
    ['send orders', 'ERROR', 'TypeError'],
    ['send bills', 'ERROR', 'TypeError'],
  ]);
});

test('the producer hook sees each span once, with the first message and all', () => {
  const producerHook = jest.fn();
  const [first, second] = [message({ key: '1' }), message({ key: '2' })];
  send([entry('orders', first, second), entry('bills', second)], { config: { producerHook } });
  expect(producerHook.mock.calls.map(([, info]: unknown[]) => info)).toEqual([
    { topic: 'orders', message: first, messages: [first, second] },
    { topic: 'bills', message: second, messages: [second] },
  ]);
});

test('messages that cannot be looked at are a span all the same: kafkajs will fail on them, and that is told', () => {
  const unreadable = { get key(): never { throw new Error('theirs'); } }; // prettier-ignore
  startSend(tracing.runtime(), client, [entry('orders', unreadable)], ROOT_CONTEXT).fail(
    new Error('theirs'),
  );
  expect(tracing.spans()).toEqual([
    expect.objectContaining({ name: 'send orders', status: { code: 'ERROR', message: 'theirs' } }),
  ]);
});

test('what propagateContext has written is kept, and linked', () => {
  const stored = propagateContext({ value: 'v' }, contextOf(producer('a')));
  const entries = [entry('orders', stored, message())];
  const operation = startSend(tracing.runtime(), client, entries, ROOT_CONTEXT);
  const [first] = entries;
  expect([0, 1].map(index => first && operation.contextFor(first, index) !== undefined)).toEqual([
    false,
    true,
  ]);
  operation.end([]);
  expect(tracing.spans()).toEqual([
    expect.objectContaining({ kind: 'PRODUCER', links: [{ span: producer('a').spanId }] }),
  ]);
});
