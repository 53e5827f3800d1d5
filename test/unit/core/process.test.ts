import { trace } from '@opentelemetry/api';
import { kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import { keptContexts } from '../../../src/propagation/inject';
import { deliver, recordFrom } from './consuming';
import {
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

const record = (fields: object = {}) => ({
  offset: '41',
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: {},
  ...fields,
});
const nothing = () => undefined;

describe('the span of a message', () => {
  test('has everything that is known when it starts', () => {
    deliver(tracing.runtime(), record(), nothing);
    expect(tracing.spans()).toEqual([
      succeeded('process orders', 'CONSUMER', {
        ...operationAttributes('process'),
        ...partitionAttributes,
        ...clientAttributes,
        'messaging.kafka.offset': 41,
        'messaging.kafka.message.key': 'k',
        'messaging.consumer.group.name': 'billing',
      }),
    ]);
  });

  test('leaves out unknown attributes', () => {
    const message = record({ offset: '9223372036854775807', key: null, value: null });
    deliver(tracing.runtime(), message, nothing, { info: stranger });
    expect(tracing.spans()[0]?.attributes).toEqual({
      ...operationAttributes('process'),
      ...partitionAttributes,
      'messaging.kafka.message.tombstone': true,
    });
  });

  test('leaves out the key with `captureKey: false`', () => {
    deliver(tracing.runtime({ captureKey: false }), record(), nothing);
    expect(tracing.spans()[0]?.attributes).not.toHaveProperty(['messaging.kafka.message.key']);
  });

  test('has the size of the value with `captureSizes`', () => {
    deliver(tracing.runtime({ captureSizes: true }), record({ value: Buffer.from('€') }), nothing);
    expect(tracing.spans()[0]?.attributes).toHaveProperty(['messaging.message.body.size'], 3);
  });

  test('ignores the headers of a topic without extraction', () => {
    const runtime = tracing.runtime({ propagation: 'true,ord*=inject' });
    deliver(runtime, recordFrom(producer('a')), nothing);
    expect(tracing.spans()).toEqual([expect.objectContaining({ parent: undefined, links: [] })]);
  });

  test('fails with its handler', () => {
    const error = new TypeError('iban');
    const handler = () => {
      throw error;
    };
    expect(() => deliver(tracing.runtime({ captureErrorMessages: false }), record(), handler)).toThrow(error);
    expect(tracing.spans()).toEqual([
      expect.objectContaining({
        attributes: expect.objectContaining({ 'error.type': 'TypeError' }) as unknown,
        status: { code: 'ERROR' },
        events: [{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }],
      }),
    ]);
  });

  test('goes to the consumer hook before the handler runs', () => {
    const consumerHook = jest.fn();
    const message = record();
    deliver(tracing.runtime({ consumerHook }), message, () => {
      expect(consumerHook.mock.calls).toEqual([
        [expect.anything(), { topic: 'orders', partition: 2, message }],
      ]);
    });
    expect(consumerHook).toHaveBeenCalledTimes(1);
  });

  test('is no child of the span around `run()`', () => {
    deliver(tracing.runtime(), record(), nothing, { caller: contextOf(producer('c')) });
    expect(tracing.spans()[0]?.parent).toBeUndefined();
  });

  test('may be filtered out: the handler then continues the trace of the message', () => {
    const active = deliver(tracing.runtime({ topics: '!orders' }), recordFrom(producer('a')), each => each);
    expect(tracing.spans()).toEqual([]);
    expect(trace.getSpanContext(active)).toEqual(producer('a'));
  });
});

test('a handler that forwards its message gets the headers replaced, those of other messages kept', () => {
  const message = recordFrom(producer('a'));
  deliver(tracing.runtime({ consumerContext: 'link' }), message, active => {
    const kept = (each: unknown, within = active) => keptContexts(kafkaJsMessages, [each], 'auto', within);
    expect(kept(message)).toBeUndefined();
    expect(kept(recordFrom(producer('b')))).toEqual([producer('b')]);
    // This is also true in spans that the handler starts.
    expect(kept(message, trace.setSpanContext(active, producer('d')))).toBeUndefined();
  });
});
