import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
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
    await api.program.line(/^click lost: /, PATIENCE_MS);
    await example.stop(api);
    expectTracesOfReadme(EXAMPLE, tracesOfKafka(example.collector.spans), topics);
  });
});

test('a click that is on its way when the program is told to end arrives, and so does its span', async () => {
  // Kafka makes the topic when it is first asked about, and cannot take a message yet: kafkajs tries again 300 ms later.
  const clicks = `clicks-${randomUUID()}`;
  try {
    await withExample(EXAMPLE, { CLICKS_TOPIC: clicks }, async example => {
      const api = await example.ready('start', 'click-api', LISTENS);
      // A connection that is kept alive would hold the server open for longer than the send takes.
      const options = { method: 'POST', headers: { connection: 'close' } };
      const [answer] = (await once(request(`${addressOf(api)}/clicks`, options).end('last'), 'response')) as [
        IncomingMessage,
      ];
      expect(answer.statusCode).toBe(202);
      await example.stop(api);

      expect(api.program.stderr).not.toContain('click lost');
      expect(await withAdmin(admin => admin.fetchTopicOffsets(clicks))).toContainEqual(
        expect.objectContaining({ offset: '1' }),
      );
      const sends = example.collector.spans.filter(({ name }) => name === `send ${clicks}`);
      expect(sends).toMatchObject([{ status: { code: 'UNSET' } }]);
    });
  } finally {
    await withAdmin(admin => admin.deleteTopics({ topics: [clicks] }));
  }
});
