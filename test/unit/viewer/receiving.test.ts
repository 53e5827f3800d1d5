import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { SpanStatusCode } from '@opentelemetry/api';
import {
  JsonTraceSerializer,
  ProtobufTraceSerializer,
  type ISerializer,
} from '@opentelemetry/otlp-transformer';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { servePage, type Page } from '../../../viewer/src/serving';
import { Store } from '../../../viewer/src/store';

let store: Store;
let page: Page;
beforeEach(async () => {
  store = new Store();
  page = await servePage(store, 0);
});
afterEach(() => page.end('the test is over'));

const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/x-protobuf';

async function post(path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(page.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'content-type': JSON_TYPE, ...headers },
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

/** Returns spans that the real SDK has created. */
function realSpans(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const span = provider
    .getTracer('test')
    .startSpan('send orders', { attributes: { text: 'ö', count: 7, ok: true } });
  span.addEvent('exception', { 'exception.type': 'Oops' });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
  span.end();
  return exporter.getFinishedSpans();
}

test.each([
  [JSON_TYPE, false, JsonTraceSerializer],
  [PROTOBUF, false, ProtobufTraceSerializer],
  [PROTOBUF, true, ProtobufTraceSerializer],
] as const)(
  'spans of the SDK arrive as %s (gzip: %s), and the answer has that type',
  async (type, zipped, serializer) => {
    const spans = realSpans();
    const bytes =
      (serializer as ISerializer<ReadableSpan[], unknown>).serializeRequest(spans) ?? new Uint8Array();
    const headers = { 'content-type': type, ...(zipped ? { 'content-encoding': 'gzip' } : {}) };
    expect(await post('/v1/traces', zipped ? gzipSync(bytes) : bytes, headers)).toEqual({
      status: 200,
      type,
      text: type === JSON_TYPE ? '{}' : '',
    });
    const [span] = spans;
    expect(store.spans).toMatchObject(
      [
        {
          ...span?.spanContext(),
          traceState: '',
          name: 'send orders',
          kind: 'INTERNAL',
          attributes: { text: 'ö', count: 7, ok: true },
          events: [{ name: 'exception', attributes: { 'exception.type': 'Oops' } }],
          status: { code: 'ERROR', message: 'no' },
        },
      ].map(({ ...fields }) => {
        delete (fields as { traceFlags?: number }).traceFlags;
        return fields;
      }),
    );
  },
);

test('log records are shown in the span that they belong to', async () => {
  const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)];
  const at = { startTimeUnixNano: '1000000000', endTimeUnixNano: '2000000000' };
  const spans = [{ traceId, spanId, name: 'work', ...at }];
  await post('/v1/traces', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  const record = (own: object, body: string) => ({
    traceId,
    timeUnixNano: '1500000000',
    body: { stringValue: body },
    ...own,
  });
  const logRecords = [
    record({ spanId, severityText: 'WARN' }, 'inside'),
    record({}, 'beside'),
    { body: { stringValue: 'of no trace' } },
  ];
  expect(
    (await post('/v1/logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))).status,
  ).toBe(200);
  const trace: unknown = await (await fetch(`${page.url}/traces/${traceId}`)).json();
  expect(trace).toMatchObject({
    spans: [{ logs: [{ at: 500, severity: 'WARN', body: 'inside' }] }],
    logs: [{ body: 'beside' }],
  });
});

test('bad requests get one clear line, and the viewer goes on', async () => {
  const lines = [
    await post('/v1/traces', 'no JSON'),
    await post('/v1/traces', '[]'),
    await post('/v1/traces', Uint8Array.from([255, 1, 2]), { 'content-type': PROTOBUF }),
    await post('/v1/traces', 'x', { 'content-encoding': 'gzip' }),
    await post('/v1/traces', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"ab"}]}]}]}'),
    await post(
      '/v1/metrics',
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"timeUnixNano":"x"}]}}]}]}]}',
    ),
  ];
  for (const { status, text } of lines) {
    expect(status).toBe(400);
    expect(text).not.toContain('\n');
  }
  expect(lines.at(-2)?.text).toContain('traceId must be 32 hexadecimal digits');
  expect(await post('/v1/profiles', '{}')).toMatchObject({
    status: 404,
    text: expect.stringContaining('/v1/traces, /v1/metrics, /v1/logs') as string,
  });
  expect(await post('/v1/traces', '{}', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  expect(await post('/v1/traces', '{}')).toMatchObject({ status: 200 });
  expect(store.spans).toEqual([]);
});

test('a body that is too large is refused, also if it is small before it is decompressed', async () => {
  const zipped = gzipSync(Buffer.alloc(21_000_000));
  expect(zipped.length).toBeLessThan(100_000);
  expect(await post('/v1/traces', zipped, { 'content-encoding': 'gzip' })).toMatchObject({ status: 413 });
});

test('other websites cannot send spans', async () => {
  const { host } = new URL(page.url);
  const status = await new Promise(resolve => {
    request(
      `${page.url}/v1/traces`,
      { method: 'POST', headers: { host, origin: 'http://evil.example', 'content-type': JSON_TYPE } },
      response => {
        response.resume();
        resolve(response.statusCode);
      },
    ).end('{}');
  });
  expect(status).toBe(403);
});
