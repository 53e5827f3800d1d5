import { createTopics, withAdmin } from '../../support/topics';
import { expectTracesOfReadme } from './support/readme';
import { STEP_MS, withExample } from './support/stage';

const EXAMPLE = 'each-batch';

test('each message of a batch continues its own trace, a failed one does not block others, and all are committed', async () => {
  const topics = await createTopics({ photos: 1, thumbnails: 1 });
  const env = { PHOTOS_TOPIC: topics.photos, THUMBNAILS_TOPIC: topics.thumbnails, GROUP_ID: topics.photos };
  await withExample(EXAMPLE, env, async example => {
    await example.run('upload', 'upload', {}, ['cat.jpg', 'cat.txt', 'dog.jpg']);
    const resizer = await example.ready('start', 'resizer', /resizer is ready/);
    await example.collector.waitForSpans(
      spans => spans.some(span => span.attributes['messaging.batch.message_count'] === 3),
      STEP_MS,
    );
    await example.stop(resizer);

    expect(resizer.program.stderr).toContain('skipped: cat.txt is not a photo\n');
    const committed = await withAdmin(admin =>
      admin.fetchOffsets({ groupId: topics.photos, topics: [topics.photos] }),
    );
    expect(committed).toMatchObject([{ partitions: [{ partition: 0, offset: '3' }] }]);
    expectTracesOfReadme(EXAMPLE, example.collector.spans, topics);
  });
});
