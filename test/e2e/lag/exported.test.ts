import { startCollector } from '../../support/collector';
import { otlpEnvironment } from '../../support/program';
import { createTopics, leaderAttributes } from '../../support/topics';
import { startConsumers } from './consumers';
import { messages, produce } from './produce';

test('an SDK with a periodic reader exports the lag with cluster, group, topic and partition', async () => {
  const { topic } = await createTopics({ topic: 1 });
  await produce(topic, messages(5));
  const collector = await startCollector();
  try {
    const consumers = startConsumers('./fixtures/tracing.cjs', otlpEnvironment(collector, { metrics: true }));
    await consumers.start('a', { group: topic, topics: [topic], plan: [{ at: 2, do: 'hang' }] });
    const valueIs =
      (value: number) => (metric: { readonly points: readonly { readonly value?: unknown }[] }) =>
        metric.points.some(point => point.value === value);
    const { unit, kind, points } = await collector.waitForMetric('kafka.consumer.records_lag', valueIs(3));
    expect({ unit, kind }).toEqual({ unit: '{message}', kind: 'gauge' });
    const { 'messaging.kafka.cluster.id': cluster } = await leaderAttributes(topic);
    expect(points.map(({ attributes }) => attributes)).toEqual([
      {
        'messaging.system': 'kafka',
        'messaging.consumer.group.name': topic,
        'messaging.kafka.cluster.id': cluster,
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': '0',
      },
    ]);
    await consumers.command('release', { as: 'a' });
    collector.clear();
    await collector.waitForMetric('kafka.consumer.records_lag', valueIs(0));
  } finally {
    await collector.close();
  }
});
