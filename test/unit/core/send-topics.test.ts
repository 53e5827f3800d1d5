import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { startSend, type TopicMessages } from '../../../src/core/send';
import { client, contextOf, producer, useTracing } from './tracing';

const tracing = useTracing();

const message = () => ({ value: 'v' });
const entry = (topic: string, ...messages: unknown[]): TopicMessages => ({ topic, messages });
const written = (topicName: string, partition: number) => ({ topicName, partition, baseOffset: '7' });

describe('a send to several topics', () => {
  test('is a span for each, whose context its own messages carry', () => {
    const entries = [
      entry('orders', message(), message()),
      entry('bills', message()),
      entry('orders', message()),
    ];
    const operation = startSend(tracing.runtime(), client, entries, contextOf(producer('c')));
    const carried = entries
      .map(each => operation.contextFor(each, 0))
      .map(each => each && trace.getSpanContext(each)?.spanId);
    operation.end([written('bills', 0), written('orders', 1)]);
    const [orders, bills] = tracing.spans();
    expect([orders?.name, bills?.name, tracing.spans().length]).toEqual(['send orders', 'send bills', 2]);
    expect([orders?.parent, bills?.parent]).toEqual([producer('c').spanId, producer('c').spanId]);
    expect([orders, bills].map(span => span?.attributes['messaging.batch.message_count'])).toEqual([
      3,
      undefined,
    ]);
    expect([orders, bills].map(span => span?.attributes['messaging.kafka.partition'])).toEqual([1, 0]);
    expect(carried).toEqual([orders?.spanId, bills?.spanId, orders?.spanId]);
  });

  test('may share one array of messages, each topic with its own context', () => {
    const messages = [message()];
    const entries = [
      { topic: 'orders', messages },
      { topic: 'bills', messages },
    ];
    const operation = startSend(tracing.runtime(), client, entries, ROOT_CONTEXT);
    const [first, second] = entries.map(each => operation.contextFor(each, 0));
    expect(first && trace.getSpan(first)).not.toBe(second && trace.getSpan(second));
    operation.end([]);
  });

  test.each([
    [16, 16, 'send topic-0', 'topic-0'],
    [17, 1, 'send', undefined],
  ])('to %d topics is %d spans, the first of them called %p', (topics, count, name, destination) => {
    const entries = Array.from({ length: topics }, (_, topic) => entry(`topic-${topic}`, message()));
    startSend(tracing.runtime(), client, entries, ROOT_CONTEXT).end([]);
    const spans = tracing.spans();
    expect(spans).toHaveLength(count);
    expect(spans[0]?.name).toBe(name);
    expect(spans[0]?.attributes['messaging.destination.name']).toBe(destination);
    expect(spans[0]?.attributes['messaging.batch.message_count']).toBe(count === 1 ? 17 : undefined);
  });

  test('whose spans are one has one context in all messages', () => {
    const entries = Array.from({ length: 17 }, (_, topic) => entry(`topic-${topic}`, message()));
    const operation = startSend(tracing.runtime(), client, entries, ROOT_CONTEXT);
    expect(new Set(entries.map(each => operation.contextFor(each, 0))).size).toBe(1);
    operation.end([]);
  });
});

test('what goes wrong for one topic costs the others nothing', () => {
  const { tracer } = tracing.runtime();
  const startSpan: typeof tracer.startSpan = (name, options, active) => {
    if (name === 'send bills') throw new Error('ours');
    return tracer.startSpan(name, options, active);
  };
  const telemetry = tracing.runtime({}, { tracer: { startSpan, startActiveSpan: jest.fn() } });
  const entries = [entry('bills', message()), entry('orders', message())];
  const operation = startSend(telemetry, client, entries, ROOT_CONTEXT);
  operation.end([]);
  expect(entries.map(each => operation.contextFor(each, 0) !== undefined)).toEqual([false, true]);
  expect(tracing.spans().map(({ name }) => name)).toEqual(['send orders']);
  expect(new Set(tracing.logged)).toEqual(new Set(['send: ours']));
});
