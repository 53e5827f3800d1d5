import { ConsumerHealth } from '../../../src/metrics/consumer-health';
import type { MetricsRecorder } from '../../../src/metrics/recorder';
import { client } from '../core/tracing';

/** Gives every metric one value at least. */
export function recordEverything(metrics: MetricsRecorder): void {
  const health = new ConsumerHealth(client.messages);
  health.joined({ orders: [2] }, Date.now());
  health.partitions.fetched('orders', 2, { highWatermark: 9, firstOffset: 7, lastOffset: 8, count: 2 });
  health.partitions.began('orders', 2, [{ offset: '7', timestamp: String(Date.now() - 1000) }]);
  metrics.watch(health, client);
  metrics.countSent('orders', 1, undefined);
  metrics.countConsumed(client, 'orders', 1);
  metrics.recordDuration(client, { operation: 'send', topic: 'orders', seconds: 0.1, errorType: undefined });
  metrics.recordDuration(client, { operation: 'process', topic: 'orders', seconds: 0.1, errorType: undefined });
  metrics.recordQueueTime(client, 'orders', 1);
  metrics.countRebalance(client);
  metrics.countCrash(client, 'Error', true);
  metrics.requested('Produce', 'kafka-1:9092', 0.1);
  metrics.timedOut('Produce', 'kafka-1:9092');
}
