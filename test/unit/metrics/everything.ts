import { ConsumerHealth } from '../../../src/telemetry/metrics/consumer';
import type { Metrics } from '../../../src/telemetry/metrics/metrics';
import { client } from '../telemetry/tracing';

/** Gives every metric one value at least. */
export function recordEverything(metrics: Metrics): void {
  const health = new ConsumerHealth();
  health.joined({ orders: [2] }, Date.now());
  health.partitions.fetched('orders', 2, { highWatermark: 9, firstOffset: 7, lastOffset: 8, size: 2 });
  health.partitions.began('orders', 2, [{ offset: '7', timestamp: String(Date.now() - 1000) }]);
  metrics.watch(health, client);
  metrics.sent('orders', 1, undefined);
  metrics.consumed(client, 'orders', 1);
  metrics.finished(client, { operation: 'send', topic: 'orders', duration: 0.1, errorType: undefined });
  metrics.finished(client, { operation: 'process', topic: 'orders', duration: 0.1, errorType: undefined });
  metrics.queued(client, 'orders', 1);
  metrics.rebalanced(client);
  metrics.crashed(client, 'Error', true);
  metrics.requested('Produce', 'kafka-1:9092', 0.1);
  metrics.timedOut('Produce', 'kafka-1:9092');
}
