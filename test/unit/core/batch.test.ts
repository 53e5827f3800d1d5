import { context } from '@opentelemetry/api';
import { kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { keptContexts } from '../../../src/propagation/inject';
import { batchOf, deliverBatch, recordFrom } from './consuming';
import { clientAttributes, operationAttributes, partitionAttributes, producer, useTracing } from './tracing';

const tracing = useTracing();

const nothing = () => undefined;

describe('the span of a batch', () => {
  test('has the count of messages, and no attribute of a single message', () => {
    deliverBatch(tracing.runtime(), batchOf([recordFrom(producer('a')), recordFrom(producer('b'))]), nothing);
    expect(tracing.spans()).toEqual([
      expect.objectContaining({
        name: 'process orders',
        kind: 'CONSUMER',
        attributes: {
          ...operationAttributes('process'),
          ...partitionAttributes,
          ...clientAttributes,
          'messaging.batch.message_count': 2,
          'messaging.consumer.group.name': 'billing',
        },
        status: { code: 'UNSET' },
      }),
    ]);
  });

  test('is not made for an empty batch', () => {
    expect(deliverBatch(tracing.runtime(), batchOf([]), () => 'handled')).toBe('handled');
    expect(tracing.spans()).toEqual([]);
  });

  test('has the count even for a batch of one message', () => {
    deliverBatch(tracing.runtime(), batchOf([recordFrom(producer('a'))]), nothing);
    expect(tracing.spans()[0]?.attributes).toMatchObject({ 'messaging.batch.message_count': 1 });
  });

  test('goes to the batch hook', () => {
    const batchHook = jest.fn();
    const messages = [recordFrom(producer('a'))];
    deliverBatch(tracing.runtime({ batchHook }), batchOf(messages), nothing);
    expect(batchHook.mock.calls).toEqual([[expect.anything(), { topic: 'orders', partition: 2, messages }]]);
  });

  test('ignores the headers of a topic without extraction', () => {
    deliverBatch(tracing.runtime({ propagation: 'inject' }), batchOf([recordFrom(producer('a'))]), nothing);
    expect(tracing.spans()).toEqual([expect.objectContaining({ parent: undefined, links: [] })]);
  });

  test('fails with its handler', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what programs do
    const handler = () => Promise.reject('text');
    const batch = batchOf([recordFrom(producer('a'))]);
    await expect(deliverBatch(tracing.runtime(), batch, handler)).rejects.toBe('text');
    expect(tracing.spans()).toEqual([
      expect.objectContaining({ status: { code: 'ERROR', message: 'text' } }),
    ]);
  });
});

describe('the links of a batch span', () => {
  const linksOf = (messages: readonly object[], config: KafkaInstrumentationConfig = {}) => {
    tracing.reset();
    deliverBatch(tracing.runtime(config), batchOf(messages), nothing);
    return tracing.spans()[0]?.links;
  };

  test('have offset, key and tombstone if they stand for one message, otherwise no attributes', () => {
    const messages = [
      recordFrom(producer('a')),
      recordFrom(producer('b'), { value: null }),
      recordFrom(producer('a')),
    ];
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

  test('have no key with `captureKey: false`, and no offset beyond the safe integers', () => {
    expect(linksOf([recordFrom(producer('a'))], { captureKey: false })).toEqual([
      { span: producer('a').spanId, attributes: { 'messaging.kafka.offset': 7 } },
    ]);
    expect(linksOf([recordFrom(producer('a'), { offset: '9223372036854775807', key: null })])).toEqual([
      { span: producer('a').spanId },
    ]);
  });

  test('are three for 500 messages of three producer spans', () => {
    const messages = Array.from({ length: 500 }, (_, index) => recordFrom(producer('a', 1 + (index % 3))));
    expect(linksOf(messages)?.map(({ span }) => span)).toEqual(
      [1, 2, 3].map(each => producer('a', each).spanId),
    );
  });

  test('are at most 128, sampled producers first', () => {
    const messages = Array.from({ length: 300 }, (_, index) =>
      recordFrom(producer('a', index + 1, index >= 290)),
    );
    const sampled = messages.slice(290).map((_, index) => producer('a', index + 291).spanId);
    const links = linksOf(messages)?.map(({ span }) => span);
    expect(links).toHaveLength(128);
    expect(links?.slice(0, 11)).toEqual([...sampled, producer('a', 1).spanId]);
  });

  test('have no attributes if messages were left unread', () => {
    const messages = Array.from({ length: 128 }, (_, index) => recordFrom(producer('a', index + 1)));
    const described = (links: ReturnType<typeof linksOf>) =>
      links?.filter(({ attributes }) => attributes).length;
    expect(described(linksOf(messages))).toBe(128);
    // The last record has the same producer as the first record.
    const links = linksOf([...messages, recordFrom(producer('b')), recordFrom(producer('a', 1))]);
    expect([links?.length, described(links)]).toEqual([128, 0]);
  });

  test('are one if two messages differ in the flags of the same span', () => {
    const { traceId, spanId } = producer('a');
    const unsampled = recordFrom(producer('a'), { headers: { traceparent: `00-${traceId}-${spanId}-00` } });
    const messages = [recordFrom(producer('a')), unsampled, recordFrom(producer('b'))];
    expect(linksOf(messages)?.map(({ span }) => span)).toEqual([spanId, producer('b').spanId]);
  });
});

test('a batch handler that forwards its messages gets the headers replaced, those of other messages kept', () => {
  const messages = [recordFrom(producer('a')), recordFrom(producer('b'))];
  deliverBatch(tracing.runtime(), batchOf(messages), () => {
    const kept = (each: readonly unknown[]) => keptContexts(kafkaJsMessages, each, 'auto', context.active());
    expect(kept(messages)).toBeUndefined();
    expect(kept([recordFrom(producer('d'))])).toEqual([producer('d')]);
  });
});
