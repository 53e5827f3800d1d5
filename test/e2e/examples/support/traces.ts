import type { ReceivedSpan } from '../../../support/otlp';

/** Returns only the traces that contain Kafka spans. Other traces are, for example, health checks of the database. */
export function tracesOfKafka(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const traces = new Set(
    spans.filter(({ scope }) => scope === '@org/kafka-otel').map(({ traceId }) => traceId),
  );
  return spans.filter(({ traceId }) => traces.has(traceId));
}
