import { context } from '@opentelemetry/api';
import { keptContexts } from '../../../src/propagation/existing';
import { startBatch, type BatchOperation } from '../../../src/core/batch';
import { rememberBatch, withMessageSpan } from '../../../src/core/message-span';
import { baggageIn, client, producer, traceparent, useTracing } from './tracing';

const tracing = useTracing();

const from = (span: ReturnType<typeof producer>, message: object = {}) => ({
  offset: '7',
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: { traceparent: Buffer.from(traceparent(span)) },
  ...message,
});
type Message = ReturnType<typeof from>;
const batchOf = (messages: readonly Message[]) => ({ topic: 'orders', partition: 2, messages });

function start(messages: readonly Message[], config = {}): BatchOperation {
  const operation = startBatch(tracing.runtime(config), client, batchOf(messages));
  if (!operation) throw new Error('no span was started');
  return operation;
}

describe('the span of a batch', () => {
  test('counts its messages, and tells nothing that is true of only one of them', () => {
    start([from(producer('a')), from(producer('b'))]).end();
    expect(tracing.spans()).toEqual([
      expect.objectContaining({
        name: 'process orders',
        kind: 'CONSUMER',
        attributes: {
          'messaging.system': 'kafka',
          'messaging.operation.name': 'process',
          'messaging.operation.type': 'process',
          'messaging.destination.name': 'orders',
          'messaging.destination.partition.id': '2',
          'messaging.kafka.partition': 2,
          'messaging.batch.message_count': 2,
          'messaging.consumer.group.name': 'billing',
          'messaging.client.id': 'shop',
          'messaging.kafka.cluster.id': 'cluster-1',
          'server.address': 'kafka-2',
          'server.port': 9092,
        },
        status: { code: 'UNSET' },
      }),
    ]);
  });

  test('is not made for an empty batch', () => {
    expect(startBatch(tracing.runtime(), client, batchOf([]))).toBeUndefined();
  });

  test('counts a batch of one message as a batch', () => {
    start([from(producer('a'))]).end();
    expect(tracing.spans()[0]?.attributes).toMatchObject({ 'messaging.batch.message_count': 1 });
  });

  test('is shown to the batch hook', () => {
    const batchHook = jest.fn();
    const messages = [from(producer('a'))];
    start(messages, { batchHook });
    expect(batchHook.mock.calls).toEqual([[expect.anything(), { topic: 'orders', partition: 2, messages }]]);
  });

  test('reads no headers of a topic that is not to be trusted', () => {
    start([from(producer('a'))], { propagation: 'inject' }).end();
    expect(tracing.spans()).toEqual([expect.objectContaining({ parent: undefined, links: [] })]);
  });

  test('fails with its handler', () => {
    start([from(producer('a'))]).fail('text');
    expect(tracing.spans()).toEqual([
      expect.objectContaining({ status: { code: 'ERROR', message: 'text' } }),
    ]);
  });
});

describe('its links', () => {
  const linksOf = (messages: readonly Message[], config = {}) => {
    start(messages, config).end();
    return tracing.spans()[0]?.links;
  };

  test('tell offset, key and tombstone where they stand for one message, and nothing else', () => {
    const messages = [from(producer('a')), from(producer('b'), { value: null }), from(producer('a'))];
    expect(linksOf(messages)).toEqual([
      { span: producer('a').spanId },
      {
        span: producer('b').spanId,
        attributes: {
          'messaging.kafka.offset': 7,
          'messaging.kafka.message.key': 'k',
          'messaging.kafka.message.tombstone': true,
        },
      },
    ]);
  });

  test('tell no key where that is not wanted, and no offset that no number can hold', () => {
    expect(linksOf([from(producer('a'))], { captureKey: false })).toEqual([
      { span: producer('a').spanId, attributes: { 'messaging.kafka.offset': 7 } },
    ]);
    tracing.reset();
    expect(linksOf([from(producer('a'), { offset: '9223372036854775807', key: null })])).toEqual([
      { span: producer('a').spanId },
    ]);
  });

  test('are three for 500 messages of three producers', () => {
    const messages = Array.from({ length: 500 }, (_, index) => from(producer('a', 1 + (index % 3))));
    expect(linksOf(messages)?.map(({ span }) => span)).toEqual(
      [1, 2, 3].map(each => producer('a', each).spanId),
    );
  });

  test('are at most 128, those of sampled producers first', () => {
    const messages = Array.from({ length: 300 }, (_, index) => from(producer('a', index + 1, index >= 290)));
    const sampled = messages.slice(290).map((_, index) => producer('a', index + 291).spanId);
    const links = linksOf(messages)?.map(({ span }) => span);
    expect(links).toHaveLength(128);
    expect(links?.slice(0, 11)).toEqual([...sampled, producer('a', 1).spanId]);
  });

  test('tell of no message where not every message was looked at', () => {
    const messages = Array.from({ length: 128 }, (_, index) => from(producer('a', index + 1)));
    const told = (links: ReturnType<typeof linksOf>) => links?.filter(({ attributes }) => attributes).length;
    expect(told(linksOf(messages))).toBe(128);
    tracing.reset();
    // The first producer's span has a second message at the end.
    const links = linksOf([...messages, from(producer('b')), from(producer('a', 1))]);
    expect([links?.length, told(links)]).toEqual([128, 0]);
  });

  test('are one for a span that two messages tell of in different words', () => {
    const { traceId, spanId } = producer('a');
    const unsampled = from(producer('a'), { headers: { traceparent: `00-${traceId}-${spanId}-00` } });
    expect(linksOf([from(producer('a')), unsampled, from(producer('b'))])?.map(({ span }) => span)).toEqual([
      spanId,
      producer('b').spanId,
    ]);
  });
});

test('of a batch that is handled, any message has its headers replaced when it is forwarded', () => {
  const messages = [from(producer('a')), from(producer('b'))];
  const operation = start(messages);
  expect(keptContexts(messages, 'auto', operation.context)).toBeUndefined();
  expect(keptContexts([from(producer('d'))], 'auto', operation.context)).toEqual([producer('d')]);
  operation.end();
});

describe('withMessageSpan', () => {
  const messages = [
    from(producer('a')),
    from(producer('b'), { headers: { traceparent: traceparent(producer('b')), baggage: 'tenant=acme' } }),
  ];

  test('runs a function in the span of one message, with its baggage and its attributes', () => {
    const consumerHook = jest.fn();
    const telemetry = tracing.runtime({ consumerHook });
    const batch = batchOf(messages);
    const operation = start(messages, { consumerHook });
    rememberBatch(telemetry, batch, operation.messages);
    const seen = context.with(operation.context, () =>
      withMessageSpan(batch, messages[1], () => baggageIn(context.active())),
    );
    expect(seen).toEqual({ tenant: 'acme' });
    expect(consumerHook).toHaveBeenCalledTimes(1);
    operation.end();
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
    'finds the batch also when its handler is over (%s)',
    consumerContext => {
      const batch = batchOf(messages);
      const operation = start(messages, { consumerContext });
      rememberBatch(tracing.runtime({ consumerContext }), batch, operation.messages);
      operation.end();
      withMessageSpan(batch, messages[0], () => undefined);
      const [whole, one] = tracing.spans();
      const related = consumerContext === 'link' ? [one?.parent] : one?.links.map(({ span }) => span);
      expect(related).toContain(whole?.spanId);
    },
  );

  test('a message that is handled has its headers replaced when it is forwarded', () => {
    const operation = start(messages);
    const one = operation.messages.start(messages[0]);
    expect(keptContexts([messages[0]], 'auto', one.context)).toBeUndefined();
    one.end();
    operation.end();
  });

  test.each<[string, object]>([
    ['of a batch that is not instrumented', {}],
    ['of a frozen one', Object.freeze({})],
  ])('just runs the function %s', (_what, batch) => {
    const error = new Error('theirs');
    expect(withMessageSpan(batch, {}, () => 'value')).toBe('value');
    expect(() => withMessageSpan(batch, {}, () => { throw error; })).toThrow(error); // prettier-ignore
    expect(tracing.spans()).toEqual([]);
  });

  test('just runs the function where something that is no message is given', () => {
    const batch = batchOf(messages);
    rememberBatch(tracing.runtime(), batch, start(messages).messages);
    expect(withMessageSpan(batch, null, () => 'value')).toBe('value');
  });
});
