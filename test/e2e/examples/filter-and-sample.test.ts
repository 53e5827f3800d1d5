import type { ReceivedSpan } from '../../support/otlp';
import { createTopics } from '../../support/topics';
import { uncommitted, untilEqual } from '../lag/consumers';
import { expectTracesOfReadme } from './support/readme';
import { STEP_MS, withExample } from './support/stage';

const EXAMPLE = 'filter-and-sample';
const VISITS = 1000;

test('heartbeats and synthetic logins have no spans, 10 % of the clicks are sampled completely, and all are handled', async () => {
  const topics = await createTopics({ clicks: 1, logins: 1, heartbeats: 1 });
  const env = {
    CLICKS_TOPIC: topics.clicks,
    LOGINS_TOPIC: topics.logins,
    HEARTBEATS_TOPIC: topics.heartbeats,
    GROUP_ID: topics.clicks,
  };
  await withExample(EXAMPLE, env, async example => {
    const counter = await example.ready('start', 'counter', /counter is ready/);
    await example.run('visit', 'site', {}, [String(VISITS)]);
    const { spans } = example.collector;
    const clicks = (operation: string) =>
      spans.filter(({ name }) => name === `${operation} ${topics.clicks}`);
    const sent = clicks('send').length;
    // The number of sampled messages is binomial with n = 1000 and p = 0.1. The limits are five standard deviations
    // away.
    expect(sent).toBeGreaterThan(52);
    expect(sent).toBeLessThan(148);
    await example.collector.waitForSpans(() => clicks('process').length === sent, STEP_MS);
    // No span reports that the last unsampled messages are handled.
    for (const topic of Object.values(topics))
      await untilEqual(
        () => uncommitted(topic, topics.clicks),
        () => Promise.resolve({ 0: 0 }),
      );
    await example.stop(counter);

    expect(counter.program.stdout.split('\n')).toEqual(
      expect.arrayContaining([
        `${topics.clicks}: ${VISITS}`,
        `${topics.logins}: 2`,
        `${topics.heartbeats}: 1`,
      ]),
    );
    expect(clicks('process')).toHaveLength(sent);
    const byId = new Map(spans.map(span => [span.spanId, span]));
    expect(
      clicks('process').every(
        ({ parentSpanId = '' }) => byId.get(parentSpanId)?.name === `send ${topics.clicks}`,
      ),
    ).toBe(true);
    const [kept] = clicks('process').sort((one, other) => Number(one.start - other.start));
    const shown = spans.filter(
      ({ name, traceId }) => !name.endsWith(topics.clicks) || traceId === kept?.traceId,
    );
    expectTracesOfReadme(EXAMPLE, shown.map(withoutOffset), topics);
  });
});

/** The trace id decides which clicks are sampled, so the offsets vary. */
function withoutOffset(span: ReceivedSpan): ReceivedSpan {
  const attributes = Object.entries(span.attributes).filter(([name]) => name !== 'messaging.kafka.offset');
  return { ...span, attributes: Object.fromEntries(attributes) };
}
