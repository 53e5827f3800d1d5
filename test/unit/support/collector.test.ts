import { startCollector, type Collector } from '../../support/collector';
import { otlpEnvironment, projectRoot, startProgram } from '../../support/program';

let collector: Collector;
afterEach(() => collector.close());

const post = (path: string, body: string, type = 'application/json') =>
  fetch(`${collector.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });

test('spans, metrics and logs of a real SDK are decoded into flat records', async () => {
  collector = await startCollector();
  const program = startProgram({
    cwd: projectRoot,
    file: 'fixtures/register/all-signals.cjs',
    env: otlpEnvironment(collector, { service: 'sdk', metrics: true, logs: true }),
  });
  await expect(program.exit).resolves.toMatchObject({ code: 0 });

  const parent = await collector.waitForSpan('parent');
  const child = await collector.waitForSpan('child');
  expect(parent).toMatchObject({
    parentSpanId: undefined,
    kind: 'SERVER',
    attributes: { text: 'a', whole: 7, half: 0.5, yes: true, many: ['x', 'y'] },
    status: { code: 'ERROR', message: 'broken' },
    service: 'sdk',
    scope: 'all-signals',
  });
  expect(parent.events).toEqual([expect.objectContaining({ name: 'noted', attributes: { at: 1 } })]);
  expect(parent.end).toBeGreaterThanOrEqual(parent.start);
  expect(child).toMatchObject({ traceId: parent.traceId, parentSpanId: parent.spanId, kind: 'PRODUCER' });
  expect(child.links).toEqual([
    {
      traceId: '0'.repeat(31) + '1',
      spanId: '0'.repeat(15) + '2',
      traceState: '',
      attributes: { of: 'link' },
    },
  ]);

  await expect(collector.waitForMetric('jobs')).resolves.toMatchObject({
    kind: 'sum',
    monotonic: true,
    temporality: 'cumulative',
    unit: '{job}',
    points: [{ value: 3, attributes: { queue: 'q' } }],
  });
  const took = await collector.waitForMetric('took');
  expect(took).toMatchObject({ kind: 'histogram', points: [{ count: 1, value: 2, min: 2, max: 2 }] });
  const log = await collector.waitFor('a log record', () => collector.logs[0]);
  expect(log).toMatchObject({ body: 'said', severity: 'INFO', attributes: { who: 'me' } });
});

test('an integer too large for a number is decoded as a bigint', async () => {
  collector = await startCollector();
  const attributes = [{ key: 'offset', value: { intValue: '9007199254740993' } }];
  await post(
    '/v1/traces',
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 's', attributes }] }] }] }),
  );
  expect((await collector.waitForSpan('s')).attributes).toEqual({ offset: 9007199254740993n });
});

test('protobuf is rejected with the variable to set, and the rejection is listed', async () => {
  collector = await startCollector();
  const response = await post('/v1/traces', 'x', 'application/x-protobuf');
  expect(response.status).toBe(400);
  await expect(collector.waitForSpans(1, 50)).rejects.toThrow(
    /1 spans did not arrive[^]*OTEL_EXPORTER_OTLP_PROTOCOL=http\/json/,
  );
});

test('the error of a failed wait lists the received data', async () => {
  collector = await startCollector();
  await post(
    '/v1/traces',
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'other' }] }] }] }),
  );
  await expect(collector.waitForSpan('wanted', 50)).rejects.toThrow(
    /"wanted" did not arrive[^]*other \(UNSPECIFIED/,
  );
});

test('a failing collector answers with its status and stores nothing', async () => {
  collector = await startCollector({ behaviour: 503 });
  expect((await post('/v1/traces', '{}')).status).toBe(503);
  expect(collector).toMatchObject({ spans: [], requests: ['/v1/traces'] });
});

test('a refusing collector refuses connections', async () => {
  collector = await startCollector({ behaviour: 'refuse' });
  await expect(post('/v1/traces', '{}')).rejects.toThrow();
});

test('a hanging collector accepts the request and does not answer', async () => {
  collector = await startCollector({ behaviour: 'hang' });
  const pending = post('/v1/traces', '{}');
  await collector.waitFor('the request', () => collector.requests.length === 1);
  await collector.close();
  await expect(pending).rejects.toThrow();
});
