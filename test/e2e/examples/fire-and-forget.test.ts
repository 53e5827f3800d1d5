import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createTopics, withAdmin } from '../../support/topics';
import { expectTracesOfReadme } from './support/readme';
import { addressOf, LISTENS, STEP_MS, withExample } from './support/stage';
import { tracesOfKafka } from './support/traces';

const EXAMPLE = 'fire-and-forget';

test('a send without await is in the trace of its request, and a failed one is logged and has a failed span', async () => {
  const topics = await createTopics({ clicks: 1 });
  await withExample(EXAMPLE, { CLICKS_TOPIC: topics.clicks }, async example => {
    const api = await example.ready('start', 'click-api', LISTENS);
    const clicks = `${addressOf(api)}/clicks`;
    const click = async (body: string) => (await fetch(clicks, { method: 'POST', body })).status;
    expect(await click('on a lamp')).toBe(202);
    await example.collector.waitForSpan(`send ${topics.clicks}`, STEP_MS);
    // Larger than the message limit of the broker.
    expect(await click('x'.repeat(2_000_000))).toBe(202);
    await api.program.line(/^click lost: /, STEP_MS);
    await example.stop({
      ...api,
      warnings: [/ failed with MESSAGE_TOO_LARGE\. The added trace headers may be/],
    });
    expectTracesOfReadme(EXAMPLE, tracesOfKafka(example.collector.spans), topics);
  });
});

test('a send in progress during shutdown completes and exports its span', async () => {
  // Kafka creates the topic at the first request, but rejects the message. kafkajs retries after 300 ms.
  const clicks = `clicks-${randomUUID()}`;
  try {
    await withExample(EXAMPLE, { CLICKS_TOPIC: clicks }, async example => {
      const api = await example.ready('start', 'click-api', LISTENS);
      // A keep-alive connection would keep the server open for longer than the send.
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
