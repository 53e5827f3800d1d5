import { context, trace } from '@opentelemetry/api';
import { keptContexts } from '../../../src/propagation/existing';
import { startMessage } from '../../../src/core/process';
import { client, contextOf, producer, stranger, traceparent, useTracing } from './tracing';

const tracing = useTracing();

const payload = (message: object = {}) => ({
  topic: 'orders',
  partition: 2,
  message: { offset: '41', key: Buffer.from('k'), value: Buffer.from('v'), headers: {}, ...message },
});
const from = (span: ReturnType<typeof producer>) => ({
  headers: { traceparent: Buffer.from(traceparent(span)) },
});

describe('the span of a message', () => {
  test('tells everything that is known when it starts', () => {
    startMessage(tracing.runtime(), client, payload()).end();
    expect(tracing.spans()).toEqual([
      {
        name: 'process orders',
        kind: 'CONSUMER',
        traceId: expect.any(String) as unknown,
        spanId: expect.any(String) as unknown,
        parent: undefined,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.operation.name': 'process',
          'messaging.operation.type': 'process',
          'messaging.destination.name': 'orders',
          'messaging.destination.partition.id': '2',
          'messaging.kafka.partition': 2,
          'messaging.kafka.offset': 41,
          'messaging.kafka.message.key': 'k',
          'messaging.consumer.group.name': 'billing',
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
    const message = { offset: '9223372036854775807', key: null, value: null };
    startMessage(tracing.runtime(), stranger, payload(message)).end();
    expect(tracing.spans()[0]?.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': '2',
      'messaging.kafka.partition': 2,
      'messaging.kafka.message.tombstone': true,
    });
  });

  test('leaves out the key where that is not wanted', () => {
    startMessage(tracing.runtime({ captureKey: false }), client, payload()).end();
    expect(tracing.spans()[0]?.attributes).not.toHaveProperty(['messaging.kafka.message.key']);
  });

  test('reads no headers of a topic that is not to be trusted', () => {
    const telemetry = tracing.runtime({ propagation: 'true,ord*=inject' });
    startMessage(telemetry, client, payload(from(producer('a')))).end();
    expect(tracing.spans()).toEqual([expect.objectContaining({ parent: undefined, links: [] })]);
  });

  test('fails with its handler', () => {
    startMessage(tracing.runtime({ captureErrorMessages: false }), client, payload()).fail(
      new TypeError('iban'),
    );
    expect(tracing.spans()).toEqual([
      expect.objectContaining({
        attributes: expect.objectContaining({ 'error.type': 'TypeError' }) as unknown,
        status: { code: 'ERROR' },
        events: [{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }],
      }),
    ]);
  });

  test('is shown to the consumer hook before the handler runs', () => {
    const consumerHook = jest.fn();
    const given = payload();
    startMessage(tracing.runtime({ consumerHook }), client, given);
    expect(consumerHook.mock.calls).toEqual([
      [expect.anything(), { topic: 'orders', partition: 2, message: given.message }],
    ]);
  });
});

test('a message that is handled has its headers replaced when it is forwarded', () => {
  const message = { value: 'v', ...from(producer('a')) };
  const operation = startMessage(tracing.runtime({ consumerContext: 'link' }), client, payload(message));
  expect(keptContexts([message], 'auto', operation.context)).toBeUndefined();
  expect(keptContexts([from(producer('b'))], 'auto', operation.context)).toEqual([producer('b')]);
  // Also in the spans that the handler starts.
  const inner = trace.setSpanContext(operation.context, producer('d'));
  expect(keptContexts([message], 'auto', inner)).toBeUndefined();
  operation.end();
});

test('the span of whoever called run() is not the parent', () => {
  context.with(contextOf(producer('c')), () => startMessage(tracing.runtime(), client, payload())).end();
  expect(tracing.spans()[0]?.parent).toBeUndefined();
});
