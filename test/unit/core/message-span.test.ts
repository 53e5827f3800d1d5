import { context, trace } from '@opentelemetry/api';
import { kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { withMessageSpan } from '../../../src/core/message-span';
import { keptContexts } from '../../../src/propagation/inject';
import { batchOf, deliverBatch, recordFrom } from './consuming';
import { baggageIn, producer, traceparent, useTracing } from './tracing';

const tracing = useTracing();

const nothing = () => undefined;
const messages = [
  recordFrom(producer('a')),
  recordFrom(producer('b'), { headers: { traceparent: traceparent(producer('b')), baggage: 'tenant=acme' } }),
];

test('runs a function in the span of one message, with its baggage and attributes', () => {
  const consumerHook = jest.fn();
  const batch = batchOf(messages);
  const baggage = deliverBatch(tracing.runtime({ consumerHook }), batch, () =>
    withMessageSpan(batch, messages[1], () => baggageIn(context.active())),
  );
  expect(baggage).toEqual({ tenant: 'acme' });
  expect(consumerHook).toHaveBeenCalledTimes(1);
  const [one, whole] = tracing.spans();
  expect(one).toMatchObject({
    name: 'process orders',
    kind: 'CONSUMER',
    traceId: producer('b').traceId,
    parent: producer('b').spanId,
    links: [{ span: producer('b').spanId }, { span: whole?.spanId }],
  });
  expect(one?.attributes).toMatchObject({
    'messaging.kafka.offset': 7,
    'messaging.kafka.message.key': 'k',
  });
  expect(one?.attributes).not.toHaveProperty(['messaging.batch.message_count']);
});

test.each(['parent-and-link', 'link'] as const)(
  'finds the batch even after its handler has returned (%s)',
  consumerContext => {
    const batch = batchOf(messages);
    deliverBatch(tracing.runtime({ consumerContext }), batch, nothing);
    withMessageSpan(batch, messages[0], nothing);
    const [whole, one] = tracing.spans();
    const related = consumerContext === 'link' ? [one?.parent] : one?.links.map(({ span }) => span);
    expect(related).toContain(whole?.spanId);
  },
);

test('a message that is forwarded gets its headers replaced', () => {
  const batch = batchOf(messages);
  const active = deliverBatch(tracing.runtime(), batch, () =>
    withMessageSpan(batch, messages[0], () => context.active()),
  );
  expect(keptContexts(kafkaJsMessages, [messages[0]], 'auto', active)).toBeUndefined();
});

describe('if a filter excludes the span of the message and not that of the batch,', () => {
  const filter = ({ messageCount }: { messageCount: number | undefined }) => messageCount !== 1;
  function within(config: KafkaInstrumentationConfig, headers: Record<string, string>) {
    const message = { offset: '7', headers };
    const batch = batchOf([message, { offset: '8' }]);
    return deliverBatch(tracing.runtime({ filter, ...config }), batch, active => ({
      batch: trace.getSpanContext(active),
      message: withMessageSpan(batch, message, () => trace.getSpanContext(context.active())),
    }));
  }

  test('the function continues the trace of the message', () => {
    expect(within({}, { traceparent: traceparent(producer('a')) }).message).toEqual(producer('a'));
  });

  test.each([
    ['has no trace', {}, {}],
    ['is only linked', { consumerContext: 'link' }, { traceparent: traceparent(producer('a')) }],
  ] as const)('the function belongs to the batch if the message %s', (_which, config, headers) => {
    const { batch, message } = within(config, headers);
    expect(message).toEqual(batch);
    expect(message).toBeDefined();
  });
});

test.each<[string, object]>([
  ['of a batch that is not instrumented', {}],
  ['of a frozen batch', Object.freeze({})],
])('does nothing but run the function for a message %s', (_what, batch) => {
  const error = new Error('theirs');
  expect(withMessageSpan(batch, {}, () => 'value')).toBe('value');
  expect(() => withMessageSpan(batch, {}, () => { throw error; })).toThrow(error); // prettier-ignore
  expect(tracing.spans()).toEqual([]);
});

test('runs the function even for a value that is not a message', () => {
  const batch = batchOf(messages);
  deliverBatch(tracing.runtime(), batch, nothing);
  expect(withMessageSpan(batch, null, () => 'value')).toBe('value');
});
