import type { IHeaders, Message } from 'kafkajs';
import { runToEnd, type FinishedRun } from '../../support/run-to-end';
import { testKafka } from '../../support/topics';
import { createTopics } from '../loading/support/topics';

const MEGABYTE = 1024 * 1024;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const VALID = `00-${TRACE}-${SPAN}-01`;

const baggageOf = (kilobytes: number) =>
  Array.from({ length: kilobytes * 8 }, (_, index) => `k${index}=`.padEnd(127, 'v')).join(',');
const bomb = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x-${index}`, 'v']));

/** Untrusted messages, by description. */
const STRANGE: Readonly<Record<string, Omit<Message, 'value'>>> = {
  'a traceparent of ten megabytes': { headers: { traceparent: Buffer.alloc(10 * MEGABYTE, '0') } },
  'baggage of ten megabytes of commas': {
    headers: { traceparent: VALID, baggage: Buffer.alloc(10 * MEGABYTE, ',') },
  },
  'baggage of 8 kB': { headers: { traceparent: VALID, baggage: baggageOf(8) } },
  'baggage of 64 kB': { headers: { traceparent: VALID, baggage: baggageOf(64) } },
  'every trace header in every case': {
    headers: { TraceParent: VALID, TRACEPARENT: 'garbage', tracestate: '=,=', BAGGAGE: '=;=' },
  },
  'trace headers that repeat': { headers: { traceparent: Array.from({ length: 500 }, () => 'garbage') } },
  'bytes that are no text': {
    key: Buffer.from([0xff, 0xfe]),
    headers: { traceparent: Buffer.from([0xff, 0x00]), tracestate: Buffer.from([0xc3]) },
  },
  'names that all objects have': {
    headers: JSON.parse(
      '{"__proto__": "p", "constructor": "c", "prototype": "q", "toString": "t", "hasOwnProperty": "h"}',
    ) as IHeaders,
  },
  'a thousand headers': { headers: bomb },
  'header values of a megabyte': {
    headers: { one: Buffer.alloc(MEGABYTE, 'x'), [`n${'x'.repeat(10_000)}`]: Buffer.alloc(MEGABYTE, 0xff) },
  },
  // Set the partition, because kafkajs would need minutes to hash the key.
  'a key of a megabyte': { key: Buffer.alloc(MEGABYTE, 'k'), partition: 0 },
};
const NAMES = Object.keys(STRANGE);

let bare: FinishedRun;
let instrumented: FinishedRun;

beforeAll(async () => {
  const { strangers } = await createTopics(
    ['strangers'],
    [{ name: 'max.message.bytes', value: String(12 * MEGABYTE) }],
  );
  const producer = testKafka().producer();
  await producer.connect();
  for (const [value, message] of Object.entries(STRANGE))
    await producer.send({ topic: strangers.name, messages: [{ ...message, value }] });
  await producer.disconnect();
  const run = (GROUP: string, execArgv: readonly string[]) =>
    runToEnd({
      file: 'fixtures/untrusted-data/strangers.cjs',
      execArgv,
      topics: { strangers: strangers.name },
      env: {
        GROUP: `${strangers.name}-${GROUP}`,
        COUNT: String(NAMES.length),
        OTEL_LOG_LEVEL: 'warn',
        OTEL_INSTRUMENTATION_KAFKA_CAPTURE_HEADERS: '*',
      },
    });
  bare = await run('bare', []);
  instrumented = await run('instrumented', ['--require', './fixtures/tracing.cjs']);
});

test('a consumer gets the same messages as without instrumentation; nothing is logged and no prototype changes', () => {
  expect(bare.reported).toMatchObject({ inherited: 0 });
  expect(bare.reported['alone']).toHaveLength(NAMES.length);
  expect(instrumented.reported).toEqual(bare.reported);
  expect(instrumented.stderr).toBe('');
});

/** Returns the spans of the messages in the order of their offsets. */
const spans = () =>
  instrumented.spans
    .filter(({ attributes }) => 'messaging.kafka.offset' in attributes)
    .sort(
      (one, other) =>
        Number(one.attributes['messaging.kafka.offset']) - Number(other.attributes['messaging.kafka.offset']),
    );

test('each message has one span, which continues a trace only with a valid traceparent', () => {
  const withParent = Object.keys(STRANGE).filter(name => /^baggage|in every case$/.test(name));
  expect(spans().map(({ kind, parentSpanId, status }) => [kind, parentSpanId, status.code])).toEqual(
    NAMES.map(name => ['CONSUMER', withParent.includes(name) ? SPAN : undefined, 'UNSET']),
  );
});

test('the size of every span is limited to a few kilobytes', () => {
  const size = (span: object) =>
    JSON.stringify(span, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
      .length;
  expect(Math.max(...instrumented.spans.map(size))).toBeLessThan(8192);
  expect(instrumented.spans.length).toBeLessThanOrEqual(NAMES.length * 2);
});
