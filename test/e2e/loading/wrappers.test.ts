import { projectRoot } from '../../support/program';
import { run, type Ran } from './support/run';
import { createTopics, type Topic } from './support/topics';
import { processed, sent } from './support/whole';

const fixture = (name: string) => `${projectRoot}/fixtures/loading/${name}`;
const names = (topics: readonly Topic[]) => topics.map(({ name }) => name).join();

describe.each(['shimmer', 'assignment'])(
  'other wrappers, made by %s, below and above those of this package',
  STYLE => {
    let ran: Ran;
    let before: Topic, during: Topic, after: Topic;

    beforeAll(async () => {
      ({ before, during, after } = await createTopics(['before', 'during', 'after']));
      ran = await run({
        file: fixture('wrappers.cjs'),
        env: { STYLE, TOPICS: names([before, during, after]) },
      });
    });

    test('are called once per call, before disable(), after it, and after enable()', () => {
      const layers = (name: string, times: number) => ({
        [`${name} below`]: times,
        [`${name} above`]: times,
      });
      const once = {
        ...layers('producer', 1),
        ...layers('consumer', 1),
        ...layers('run', 1),
        ...layers('send', 2),
      };
      expect(ran.results).toEqual([once, once, once]);
    });

    test('do not change that each message has one complete span while enabled, and none while disabled', () => {
      expect(ran.spans).toEqual(
        [before, after].flatMap(topic => [
          sent(topic, 0),
          sent(topic, 1),
          processed(topic, 0),
          processed(topic, 1),
        ]),
      );
    });
  },
);

test('only one of two instances creates spans; the other one takes over when it is disabled', async () => {
  const { both, first, none } = await createTopics(['both', 'first', 'none']);
  const ran = await run({ file: fixture('twice.cjs'), env: { TOPICS: names([both, first, none]) } });
  expect(ran.spans).toEqual([sent(both), processed(both), sent(first), processed(first)]);
  expect(ran.stderr).toBe('');
});
