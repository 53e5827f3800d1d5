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

test('a click that is on its way when the program is told to end arrives, and so does its span', async () => {
  const topics = await createTopics({ clicks: 1 });
  await withExample(EXAMPLE, { CLICKS_TOPIC: topics.clicks }, async example => {
    const api = await example.ready('start', 'click-api', LISTENS);
    // The first send to a topic asks where it is before it sends: two requests, of which the second is the click.
    expect((await fetch(`${addressOf(api)}/clicks`, { method: 'POST', body: 'last' })).status).toBe(202);
    await example.stop(api);

    expect(api.program.stderr).not.toContain('a click is lost');
    expect(await withAdmin(admin => admin.fetchTopicOffsets(topics.clicks))).toMatchObject([{ offset: '1' }]);
    expect(example.collector.spans.filter(({ name }) => name === `send ${topics.clicks}`)).toMatchObject([
      { status: { code: 'UNSET' } },
    ]);
  });
});
