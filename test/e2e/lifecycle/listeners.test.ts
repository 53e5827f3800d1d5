import { projectRoot } from '../../support/program';
import { run } from '../loading/support/run';

const file = `${projectRoot}/fixtures/lifecycle/listeners.cjs`;

test('a program may add as many listeners to an event as without us before Node.js warns of a leak', async () => {
  const { results: bare } = await run({ file });
  expect(bare).toEqual([11]);
  const { results: instrumented } = await run({ file, env: { INSTRUMENTED: '1' } });
  expect(instrumented).toEqual(bare);
});
