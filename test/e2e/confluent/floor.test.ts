import { LAB_DEADLINE_MS } from '../../support/confluent';
import type { ReceivedSpan } from '../../support/otlp';
import { comparableSpans, type ComparableSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { CONFLUENT as client } from '../flow/client';
import { run } from '../flow/run';

/** Returns the spans of a run by label. Topic names are replaced by roles. */
async function spansOf(env: Readonly<Record<string, string>>): Promise<Record<string, ComparableSpan>> {
  const topics = await createTopics({ single: 1, bulk: 1 });
  const { spans } = await run('floor.cjs', { client, folder: 'confluent', topics, env });
  const label = ({ name, attributes }: ReceivedSpan) => {
    const offset = attributes['messaging.kafka.offset'] as number | undefined;
    return offset === undefined ? name : `${name} at ${offset}`;
  };
  const text = Object.entries(topics).reduce(
    (json, [role, topic]) => json.replaceAll(topic, role),
    JSON.stringify(comparableSpans(spans, { label })),
  );
  return JSON.parse(text) as Record<string, ComparableSpan>;
}

// The benchmarks compare this package with `floor`. The comparison is valid only if both produce the same spans.
test(
  'the floor of the bench has the same spans as the instrumentation, with the same parents, links and attributes',
  async () => {
    const floor = await spansOf({ KAFKA_FLOOR: 'yes', OTEL_INSTRUMENTATION_KAFKA_ENABLED: 'false' });
    const instrumented = await spansOf({});
    expect(floor).toEqual(instrumented);
    const names = Object.values(instrumented).map(({ name }) => name);
    const count = (wanted: string) => names.filter(name => name === wanted).length;
    expect(['send single', 'send bulk', 'process single', 'process bulk'].map(count)).toEqual([
      40, 1, 41, 41,
    ]);
  },
  LAB_DEADLINE_MS,
);
