import { createTopics, withAdmin } from '../../support/topics';
import { expectTracesOfReadme } from './support/readme';
import { addressOf, LISTENS, PATIENCE_MS, withExample } from './support/stage';
import { tracesOfKafka } from './support/traces';

const EXAMPLE = 'fire-and-forget';

test('a click that nobody waits for is in the trace of its request, and one that is lost is said and marked', async () => {
  const topics = await createTopics({ clicks: 1 });
  await withExample(EXAMPLE, { CLICKS_TOPIC: topics.clicks }, async example => {
    const api = await example.ready('start', 'click-api', LISTENS);
    const clicks = `${addressOf(api)}/clicks`;
    const click = async (body: string) => (await fetch(clicks, { method: 'POST', body })).status;
    expect(await click('on a lamp')).toBe(202);
    await example.collector.waitForSpan(`send ${topics.clicks}`, PATIENCE_MS);
    // More than a broker takes in one message.
    expect(await click('x'.repeat(2_000_000))).toBe(202);
    await api.program.line(/^a click is lost: /, PATIENCE_MS);
    await example.stop(api);
    expectTracesOfReadme(EXAMPLE, tracesOfKafka(example.collector.spans), topics);
  });
});

test('clicks that are on their way when the program is told to end arrive, and so do their spans', async () => {
  const topics = await createTopics({ clicks: 1 });
  await withExample(EXAMPLE, { CLICKS_TOPIC: topics.clicks }, async example => {
    const api = await example.ready('start', 'click-api', LISTENS);
    const clicks = `${addressOf(api)}/clicks`;
    const answers = Array.from({ length: 50 }, (_, number) =>
      fetch(clicks, { method: 'POST', body: String(number) }).then(({ status }) => status),
    );
    expect(new Set(await Promise.all(answers))).toEqual(new Set([202]));
    await example.stop(api);

    const [partition] = await withAdmin(admin => admin.fetchTopicOffsets(topics.clicks));
    expect(partition).toMatchObject({ offset: '50' });
    const { spans } = example.collector;
    expect(spans.filter(({ name }) => name === `send ${topics.clicks}`)).toHaveLength(50);
  });
});
