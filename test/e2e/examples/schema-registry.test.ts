import { startRegistry } from '../../support/registry';
import { createTopics } from '../../support/topics';
import { expectTracesOfReadme } from './support/readme';
import { PATIENCE_MS, withExample } from './support/stage';

const EXAMPLE = 'schema-registry';

test('values that a registry encodes arrive, and what the registry was asked is in the trace', async () => {
  const [topics, registry] = await Promise.all([createTopics({ readings: 1 }), startRegistry()]);
  const env = { READINGS_TOPIC: topics.readings, GROUP_ID: topics.readings, SCHEMA_REGISTRY_URL: registry.url };
  try {
    await withExample(EXAMPLE, env, async example => {
      const alarm = await example.ready('start', 'alarm', /alarm is ready/);
      await example.run('measure', 'measure', {}, ['south-window', '36.6']);
      await alarm.program.line(/^south-window: 36.6 °C, too hot$/, PATIENCE_MS);
      await example.stop(alarm);
      expectTracesOfReadme(EXAMPLE, example.collector.spans, topics);
    });
  } finally {
    await registry.stop();
  }
}, 300_000);
