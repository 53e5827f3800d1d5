import { projectRoot } from '../../support/program';
import { run } from '../loading/support/run';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';

test.each([
  ['throw', 'thrown by a hook'],
  ['reject', 'rejected by a hook'],
  ['throw nothing', 'undefined'],
  ['reject with an object without prototype', ''],
  ['return a thenable that throws', 'thrown by a thenable'],
])('hooks that %s are each logged once and do not affect the program', async (MODE, reason) => {
  const { hooks } = await createTopics(['hooks']);
  const ran = await run({
    file: `${projectRoot}/fixtures/invalid-input/hooks.cjs`,
    env: { MODE, TOPIC: hooks.name },
  });
  expect(ran.results).toEqual([
    ['one', 'two'],
    ['one', 'two'],
  ]);
  const singles = ran.spans.slice(0, 4);
  const batches = ran.spans.slice(4);
  expect(new Set(singles)).toEqual(
    new Set([0, 1].flatMap(offset => [sent(hooks, offset), processed(hooks, offset)])),
  );
  expect(singles.map(({ name }) => name.split(' ')[0])).toEqual(['send', 'send', 'process', 'process']);
  expect(new Set(batches.map(({ name }) => name))).toEqual(new Set([`process ${hooks.name}`]));
  expect(ran.logged).toHaveLength(3);
  expect(
    ran.logged.map(line => line.replace(/^@org\/kafka-otel caught an error in "(\w+)"\. .*$/, '$1')),
  ).toEqual(['producerHook', 'consumerHook', 'batchHook']);
  expect(ran.stderr).toContain(reason);
});
