import { observe, type Observed } from './observe';

/** Calls of the SDK for each call or batch. Counters are reported when metrics are collected, never per message. */
const none = { startSpan: 0, inject: 0, extract: 0, record: 0, add: 0 };

function perCall(path: string, { calls, units }: Observed, messages: number) {
  const made = units / messages;
  // Counters are reported at the only collection of a run, so `add` counts one observation for each series.
  const { add, record, ...others } = calls;
  const each = Object.fromEntries(Object.entries(others).map(([name, count]) => [name, count / made]));
  // `eachMessage` records the queue time at most once in 10 ms.
  const records = path === 'eachMessage' ? Math.floor(record / made) : record / made;
  return { ...each, record: records, add: add - Math.min(add, 1) };
}

test.each<[path: string, messages: number, calls: Partial<typeof none>]>([
  ['send 1', 1, { startSpan: 1, inject: 1, record: 1 }],
  ['send 100', 100, { startSpan: 1, inject: 1, record: 1 }],
  ['eachMessage', 1, { startSpan: 1, extract: 1, record: 1 }],
  ['eachBatch 100 one', 100, { startSpan: 1, extract: 1, record: 2 }],
  ['eachBatch 1000 one', 1000, { startSpan: 1, extract: 1, record: 2 }],
  ['eachBatch 100 distinct', 100, { startSpan: 1, extract: 100, record: 2 }],
])('%s calls the SDK as often as its spans and histograms need', async (path, messages, calls) => {
  const observed = await observe(path, 'metrics', 'ours');
  expect(perCall(path, observed, messages)).toEqual({ ...none, ...calls });
});

/** How often `eachMessage` records the queue time depends on its speed. */
const withoutQueueCounts = (metrics: Observed['metrics']) =>
  metrics.map(metric =>
    metric.name === 'kafka.message.queue_time' ? { ...metric, value: Math.min(metric.value, 1) } : metric,
  );

test('a span dropped by the sampler causes no further SDK calls', async () => {
  const { calls, spans } = await observe('send 100', 'off', 'ours');
  expect(spans).toEqual([]);
  expect(calls.startSpan).toBe(10);
});

test('a batch of 10,000 messages from as many producers is read once, and extraction stops at the link limit', async () => {
  const { calls, spans, readsBefore } = await observe('eachBatch 10000 distinct', 'sampled', 'ours');
  expect(spans).toHaveLength(1);
  expect(calls.startSpan).toBe(1);
  expect(calls.extract).toBeLessThanOrEqual(128);
  expect(readsBefore).toBeGreaterThan(0);
  expect(readsBefore).toBeLessThanOrEqual(10_000);
});

// The benchmarks compare this package with `floor`. The comparison is valid only if both produce the same telemetry.
test.each([
  'send 1',
  'send 100',
  'eachMessage',
  'eachBatch 100 distinct',
  'eachBatch 100 one',
  'eachBatch 1000 distinct',
])('the floor of %s produces the same spans and metrics as the instrumentation', async path => {
  const floor = await observe(path, 'metrics', 'floor');
  const instrumented = await observe(path, 'metrics', 'ours');
  expect(floor.spans).not.toHaveLength(0);
  expect(floor.spans).toEqual(instrumented.spans);
  expect(withoutQueueCounts(floor.metrics.filter(({ value }) => value > 0))).toEqual(
    withoutQueueCounts(instrumented.metrics),
  );
});
