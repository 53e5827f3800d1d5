import type { ReceivedSpan } from '../../../support/otlp';

/** The traces that go through Kafka: what programs do for themselves, such as asking whether the database is there, is left out. */
export function tracesOfKafka(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const traces = new Set(
    spans.filter(({ scope }) => scope === '@org/kafka-otel').map(({ traceId }) => traceId),
  );
  return spans.filter(({ traceId }) => traces.has(traceId));
}
