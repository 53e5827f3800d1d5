import { createTopics } from '../../support/topics';
import { expectTracesOfReadme } from './support/readme';
import { addressOf, LISTENS, STEP_MS, post, withExample } from './support/stage';

const EXAMPLE = 'node-sdk';

test('spans have the names and attributes set by the example', async () => {
  const { 'scans-oslo': topic } = await createTopics({ 'scans-oslo': 1 });
  await withExample(EXAMPLE, { SCANS_TOPIC: topic }, async example => {
    const [gate, tracker] = await Promise.all([
      example.ready('start', 'gate', LISTENS),
      example.ready('start:tracker', 'tracker', /tracker is ready/, { GROUP_ID: topic }),
    ]);
    const scans = `${addressOf(gate)}/scans`;
    expect(await post(scans, { parcels: ['p-1', 'p-2'], lane: 'express' })).toMatchObject({ status: 202 });
    await example.collector.waitForSpans(4, STEP_MS);
    await example.stop(gate, tracker);

    expect(tracker.program.stdout).toContain('parcel p-1 is in oslo\nparcel p-2 is in oslo\n');
    expectTracesOfReadme(EXAMPLE, example.collector.spans, { 'scans-oslo': topic });
  });
});
