import type { ReceivedSpan } from '../../support/otlp';
import { registerAlone } from '../../support/program';
import { runToEnd } from '../../support/run-to-end';
import { createTopics } from '../../support/topics';
import { forEachClient } from '../flow/client';

forEachClient(client => {
  describe('with 10 % of 20,000 clicks and all audit records sampled by environment variable', () => {
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
          ...(await client.env()),
          OTEL_NODE_ENABLED_INSTRUMENTATIONS:
            client.name === 'kafkajs' ? 'kafkajs' : 'confluent-kafka-javascript',
          OTEL_INSTRUMENTATION_KAFKA_SAMPLING: 'clicks-*=0.1,audit-*=1',
        },
      });
      spans = ended.spans;
      reported = ended.reported as typeof reported;
    });

    const named = (name: string) => spans.filter(span => span.name === name);

    test('exactly the sends selected by the hash of their trace id are sampled', () => {
      const traces = named(`send ${topics.clicks}`).map(({ traceId }) => traceId);
      expect(traces.sort()).toEqual(reported.kept);
      expect(traces.length).toBeGreaterThan(1788);
      expect(traces.length).toBeLessThan(2212);
    });

    test('the consumer samples the same traces, each process span as a child of its send', () => {
      const sends = new Map(named(`send ${topics.clicks}`).map(({ traceId, spanId }) => [traceId, spanId]));
      const handled = named(`process ${topics.clicks}`);
      expect(handled).toHaveLength(sends.size);
      expect(handled.every(({ traceId, parentSpanId }) => sends.get(traceId) === parentSpanId)).toBe(true);
    });

    test('a topic sampled at 100 % records all sampled messages and no unsampled ones', () => {
      expect(named(`send ${topics.audit}`)).toHaveLength(50);
      expect(named(`process ${topics.audit}`)).toHaveLength(50);
    });

    test('every message is handled in its own trace, sampled or not', () => {
      const sampled = reported.kept.length + 50;
      expect(reported.handled).toEqual({ sampled, unsampled: 20_100 - sampled, traces: 20_100 });
    });
  });
});
