import type { ReceivedSpan } from '../../support/otlp';
import { registerAlone } from '../../support/program';
import { runToEnd } from '../../support/run-to-end';
import { createTopics } from '../../support/topics';

describe('20,000 clicks at a tenth, and audit records kept whole, by environment variable', () => {
  let topics: Record<'clicks' | 'audit', string>;
  let spans: readonly ReceivedSpan[];
  let reported: { kept: string[]; handled: { sampled: number; unsampled: number; traces: number } };

  beforeAll(async () => {
    topics = await createTopics({ clicks: 3, audit: 1 });
    const ended = await runToEnd({
      file: 'fixtures/sampling/clicks.cjs',
      execArgv: registerAlone,
      topics,
      env: {
        OTEL_BSP_MAX_QUEUE_SIZE: '50000',
        OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'kafkajs',
        OTEL_INSTRUMENTATION_KAFKA_SAMPLING: 'clicks-*=0.1,audit-*=1',
      },
    });
    spans = ended.spans;
    reported = ended.reported as typeof reported;
  });

  const named = (name: string) => spans.filter(span => span.name === name);

  test('sends are kept exactly where the hash of their trace says so', () => {
    const traces = named(`send ${topics.clicks}`).map(({ traceId }) => traceId);
    expect(traces.sort()).toEqual(reported.kept);
    expect(traces.length).toBeGreaterThan(1788);
    expect(traces.length).toBeLessThan(2212);
  });

  test('the consumer records the very same traces, each under its send', () => {
    const sends = new Map(named(`send ${topics.clicks}`).map(({ traceId, spanId }) => [traceId, spanId]));
    const handled = named(`process ${topics.clicks}`);
    expect(handled).toHaveLength(sends.size);
    expect(handled.every(({ traceId, parentSpanId }) => sends.get(traceId) === parentSpanId)).toBe(true);
  });

  test('a topic that is kept whole keeps what was sampled, and raises nothing that was not', () => {
    expect(named(`send ${topics.audit}`)).toHaveLength(50);
    expect(named(`process ${topics.audit}`)).toHaveLength(50);
  });

  test('every message is handled in its own trace, kept or not', () => {
    const sampled = reported.kept.length + 50;
    expect(reported.handled).toEqual({ sampled, unsampled: 20_100 - sampled, traces: 20_100 });
  });
});
