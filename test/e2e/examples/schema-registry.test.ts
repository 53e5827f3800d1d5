import { startRegistry } from '../../support/registry';
import type { ReceivedSpan } from '../../support/otlp';
import { createTopics } from '../../support/topics';
import { expectTracesOfReadme } from './support/readme';
import { STEP_MS, withExample } from './support/stage';
import { tracesOfKafka } from './support/traces';

const EXAMPLE = 'schema-registry';

test('values encoded with a schema registry are decoded, and registry requests are in the trace', async () => {
  const [topics, registry] = await Promise.all([createTopics({ readings: 1 }), startRegistry()]);
  const env = {
    READINGS_TOPIC: topics.readings,
    GROUP_ID: topics.readings,
    SCHEMA_REGISTRY_URL: registry.url,
  };
  try {
    await withExample(EXAMPLE, env, async example => {
      const alarm = await example.ready('start', 'alarm', /alarm is ready/);
      await example.run('measure', 'measure', {}, ['south-window', '36.6']);
      await alarm.program.line(/^south-window: 36.6 °C, too hot$/, STEP_MS);
      await example.stop(alarm);
      const { spans } = example.collector;
      expectTracesOfReadme(
        EXAMPLE,
        tracesOfKafka(spans).map(span => withPath(span, registry.url)),
        topics,
      );
    });
  } finally {
    await registry.stop();
  }
});

/** Removes the address and the schema ids from requests to the registry. */
function withPath(span: ReceivedSpan, registry: string): ReceivedSpan {
  const { 'url.full': url } = span.attributes;
  if (typeof url !== 'string') return span;
  const path = url.replace(registry, '').replace(/\d+$/, '{id}');
  return { ...span, attributes: { ...span.attributes, 'url.path': path } };
}
