import { projectRoot } from '../../support/program';
import { run } from './support/run';
import { createTopics } from './support/topics';
import { processed, sent } from './support/whole';

describe.each([
  ['constructed before it', { ORDER: 'ours,official' }],
  ['constructed after it', { ORDER: 'official,ours' }],
  ['constructed before it, kafkajs before both', { ORDER: 'ours,official', PRELOAD: '1' }],
  ['constructed after it, kafkajs before both', { ORDER: 'official,ours', PRELOAD: '1' }],
  ['constructed before it, with another wrapper on top', { ORDER: 'ours,official', COMPANY: '1' }],
  ['enabled after clients were created', { ORDER: 'ours,official', OFFICIAL_LATE: '1' }],
  [
    'constructed first and enabled after clients were created',
    { ORDER: 'official,ours', OFFICIAL_LATE: '1' },
  ],
])('beside the official instrumentation, %s', (_, env) => {
  test('every message has one span of this package on each side, and one warning is logged', async () => {
    const { first, second } = await createTopics(['first', 'second']);
    const ran = await run({
      file: `${projectRoot}/fixtures/loading/beside-official.cjs`,
      env: { ...env, TOPICS: [first.name, second.name].join() },
    });
    expect(ran.results).toEqual([['hello'], ['hello']]);
    expect(ran.spans).toEqual([
      sent(first),
      processed(first),
      sent(second),
      processed(second),
      sent(second, 1),
    ]);
    const about = ran.logged.filter(line =>
      line.includes('@opentelemetry/instrumentation-kafkajs is active too'),
    );
    expect(about).toHaveLength(1);
    const tooEarly = ran.logged.filter(line => line.includes('loaded before this instrumentation'));
    expect(tooEarly).toHaveLength('PRELOAD' in env ? 1 : 0);
    expect(ran.logged).toHaveLength(about.length + tooEarly.length);
  });
});
