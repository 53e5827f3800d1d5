import { context, trace } from '@opentelemetry/api';
import { kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import { KafkaInstrumentation } from '../../../src';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import type * as MessageSpan from '../../../src/core/message-span';
import { withMessageSpan } from '../../../src/core/message-span';
import { keptContexts } from '../../../src/propagation/inject';
import { useMeasuring } from '../metrics/measuring';
import { eventOf, handleRecord, recordsOf, whileEnabled } from './lambda';
import {
  baggageIn,
  contextOf,
  operationAttributes,
  producer,
  succeeded,
  traceparent,
  useTracing,
} from './tracing';

const tracing = useTracing();
const measuring = useMeasuring();

const [text, binary] = recordsOf(eventOf('msk')) as [object, object];
const invocation = producer('e');
const nothing = () => undefined;

test('a record of a Lambda event gets a process span with all that the event says about it', () => {
  const consumerHook = jest.fn();
  const runtime = tracing.runtime({ consumerHook });
  expect(handleRecord(runtime, text, baggageIn, contextOf(invocation))).toEqual({ tenant: 'acme' });
  expect(consumerHook).toHaveBeenCalledWith(expect.anything(), {
    topic: 'mytopic',
    partition: 0,
    message: text,
  });
  expect(tracing.spans()).toEqual([
    {
      ...succeeded('process mytopic', 'CONSUMER', {
        ...operationAttributes('process'),
        'messaging.destination.name': 'mytopic',
        'messaging.destination.partition.id': '0',
        'messaging.kafka.partition': 0,
        'messaging.kafka.offset': 15,
        'messaging.kafka.message.key': 'customer-7',
      }),
      traceId: producer('a').traceId,
      parent: producer('a').spanId,
      links: [{ span: producer('a').spanId }, { span: invocation.spanId }],
    },
  ]);
});

test.each<[string, object, string | undefined]>([
  ['that is binary is left out', binary, undefined],
  ['that is absent is left out', { ...text, key: undefined }, undefined],
  ['that is null is left out', { ...text, key: null }, undefined],
  ['that the program has decoded to text is recorded', { ...text, key: 'customer 7' }, 'customer 7'],
  ['that the program has decoded to bytes is recorded', { ...text, key: Buffer.from('c7') }, 'c7'],
  // "user" and "pong" are valid base64. If the value of a record is not base64, the program has already decoded the
  // record.
  ['of a record decoded to text is not decoded again', { ...text, key: 'user', value: '{}' }, 'user'],
  ['of a record decoded to an object is not decoded again', { ...text, key: 'user', value: {} }, 'user'],
  [
    'of a decoded record without a value is left out, because it may be base64',
    { ...text, key: 'user', value: null },
    undefined,
  ],
])('a key %s', (_what, record, key) => {
  handleRecord(tracing.runtime(), record, nothing);
  expect(tracing.spans()[0]?.attributes['messaging.kafka.message.key']).toBe(key);
});

test.each<[string, object, number | undefined]>([
  ['as Lambda encodes it, has the size of its bytes', text, 22],
  ['that is binary has the size of its bytes', { ...text, value: '3q2+7w==' }, 4],
  ['that is empty has no bytes', { ...text, value: '' }, 0],
  ['that the program has decoded to text has the size of the text', { ...text, value: '{"é":1}' }, 8],
  ['that the program has decoded to bytes has their size', { ...text, value: new Uint8Array(3) }, 3],
  ['that the program has decoded to an object has an unknown size', { ...text, value: {} }, undefined],
  ['of a tombstone has no size', { ...text, value: null }, undefined],
])('with `captureSizes`, a value %s', (_what, record, size) => {
  handleRecord(tracing.runtime({ captureSizes: true }), record, nothing);
  expect(tracing.spans()[0]?.attributes['messaging.message.body.size']).toBe(size);
});

test('of a record from Powertools for AWS Lambda, the encoded fields are read, and nothing is decoded', () => {
  const decode = jest.fn();
  const { key, value, headers, ...rest } = text as Record<string, unknown>;
  const record = Object.defineProperties(
    { ...rest, originalKey: key, originalValue: value, originalHeaders: headers },
    { key: { get: decode }, value: { get: decode }, headers: { get: decode } },
  );
  handleRecord(tracing.runtime({ captureSizes: true }), record, nothing);
  expect(tracing.spans()).toMatchObject([
    {
      traceId: producer('a').traceId,
      attributes: { 'messaging.kafka.message.key': 'customer-7', 'messaging.message.body.size': 22 },
    },
  ]);
  expect(decode).not.toHaveBeenCalled();
});

test('the options apply as for eachMessage', () => {
  const filter = jest.fn(() => true);
  const spanName = ({ topic, group }: { topic: string | undefined; group: string | undefined }) =>
    `${topic ?? ''} ${group ?? 'no group'}`;
  const options = { filter, spanName, captureKey: false, captureHeaders: ['header*'] };
  handleRecord(tracing.runtime(options), text, nothing);
  expect(filter).toHaveBeenCalledWith(
    expect.objectContaining({
      kind: 'process',
      topic: 'mytopic',
      messageCount: 1,
      key: Buffer.from('customer-7'),
      headers: expect.objectContaining({ headerKey: Buffer.from('headerValue') }) as unknown,
    }),
  );
  const [span] = tracing.spans();
  expect(span).toMatchObject({ name: 'mytopic no group' });
  expect(span?.attributes).toMatchObject({ 'messaging.header.headerKey': ['headerValue'] });
  expect(span?.attributes).not.toHaveProperty(['messaging.kafka.message.key']);
});

test.each<[string, KafkaInstrumentationConfig]>([
  ['topics', { topics: { exclude: 'my*' } }],
  ['filter', { filter: () => false }],
])('without a span because of the option %s, the trace of the record still continues', (_option, config) => {
  const active = handleRecord(tracing.runtime(config), text, each => trace.getSpanContext(each));
  expect(active).toEqual(producer('a'));
  expect(tracing.spans()).toEqual([]);
});

test('where headers must not be read, the span belongs to the active span', () => {
  handleRecord(tracing.runtime({ propagation: false }), text, nothing, contextOf(invocation));
  expect(tracing.spans()).toMatchObject([{ parent: invocation.spanId, links: [] }]);
});

test('a record that is forwarded with its headers gets them replaced', () => {
  const forwarded = { headers: { traceparent: traceparent(producer('a')) } };
  const active = handleRecord(tracing.runtime(), text, each => each);
  expect(keptContexts(kafkaJsMessages, [forwarded], 'auto', active)).toBeUndefined();
});

test('an error and a rejection of the function pass through as they are, and fail the span', async () => {
  const error = new RangeError('theirs');
  const fail = () => { throw error; }; // prettier-ignore
  expect(() => handleRecord(tracing.runtime(), text, fail)).toThrow(error);
  await expect(handleRecord(tracing.runtime(), text, () => Promise.reject(error))).rejects.toBe(error);
  const failed = { status: { code: 'ERROR', message: 'theirs' }, attributes: { 'error.type': 'RangeError' } };
  expect(tracing.spans()).toMatchObject([failed, failed]);
});

test('the result of the function passes through', async () => {
  expect(handleRecord(tracing.runtime(), text, () => 'value')).toBe('value');
  await expect(handleRecord(tracing.runtime(), text, () => Promise.resolve('later'))).resolves.toBe('later');
});

test('counts, duration and queue time of a record are measured, without a group', async () => {
  const { metrics: recorder, all } = measuring.start();
  const runtime = { ...tracing.runtime(), metrics: recorder };
  const fresh = { ...text, timestamp: Date.now() - 5000 };
  handleRecord(runtime, fresh, nothing);
  expect(() => handleRecord(runtime, fresh, () => { throw new RangeError('theirs'); })).toThrow(); // prettier-ignore
  const processed = {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'process',
    'messaging.destination.name': 'mytopic',
  };
  const metrics = await all();
  const points = Object.entries(metrics).map(([name, { dataPoints }]) => [
    name,
    dataPoints.map(({ attributes, value }) => ({
      attributes,
      count: typeof value === 'number' ? value : (value as { count: number }).count,
    })),
  ]);
  expect(Object.fromEntries(points)).toEqual({
    'messaging.client.consumed.messages': [{ attributes: processed, count: 2 }],
    'kafka.message.queue_time': [{ attributes: processed, count: expect.any(Number) as unknown }],
    'messaging.process.duration': [
      { attributes: processed, count: 1 },
      { attributes: { ...processed, 'error.type': 'RangeError' }, count: 1 },
    ],
  });
});

describe('a value that is not a record runs without a span, which is said once:', () => {
  test.each<[string, unknown]>([
    ['the event', eventOf('msk')],
    ['a batch', { topic: 'orders', partition: 0, messages: [] }],
    ['a message of kafkajs, which names no topic', { offset: '0', value: Buffer.from('v') }],
    ['nothing', undefined],
    ['text', 'text'],
  ])('%s', (_what, value) => {
    expect(handleRecord(tracing.runtime(), value as object, () => 'value')).toBe('value');
    expect(tracing.spans()).toEqual([]);
    expect(tracing.logged).toEqual([
      expect.stringContaining('withMessageSpan got an object that is not a Kafka record'),
    ]);
  });
});

describe('the function is called as it is', () => {
  const active = contextOf(invocation);
  const runBare = () => context.with(active, () => withMessageSpan(text, () => context.active()));

  test('if nothing is instrumented', () => {
    expect(runBare()).toBe(active);
  });

  test('if no SDK is registered', () => {
    expect(whileEnabled(tracing.runtime({}, { isSdkRegistered: false }), runBare)).toBe(active);
  });

  test('if the instrumentation is disabled', () => {
    const instrumentation = new KafkaInstrumentation();
    expect(runBare()).not.toBe(active);
    instrumentation.disable();
    tracing.reset();
    expect(runBare()).toBe(active);
    expect(tracing.spans()).toEqual([]);
  });
});

test('of several instrumentations, the one that was enabled last makes the span', () => {
  const first = new KafkaInstrumentation({ spanName: () => 'first' });
  const second = new KafkaInstrumentation({ spanName: () => 'second' });
  withMessageSpan(text, nothing);
  second.disable();
  withMessageSpan(text, nothing);
  first.disable();
  withMessageSpan(text, nothing);
  expect(tracing.spans().map(({ name }) => name)).toEqual(['second', 'first']);
});

test('another copy of the package finds the instrumentation, as in a program with a Lambda layer', () => {
  jest.isolateModules(() => {
    const copy = jest.requireActual<typeof MessageSpan>('../../../src/core/message-span');
    expect(copy.withMessageSpan).not.toBe(withMessageSpan);
    whileEnabled(tracing.runtime(), () => {
      copy.withMessageSpan(text, nothing);
    });
  });
  expect(tracing.spans()).toMatchObject([{ name: 'process mytopic' }]);
});

test('baggage of the caller does not become baggage of the record', () => {
  const caller = contextOf(invocation, { user: '7' });
  const bare = { ...text, headers: [] };
  expect(handleRecord(tracing.runtime(), bare, baggageIn, caller)).toEqual({});
});
