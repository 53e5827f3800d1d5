import { projectRoot } from '../../support/program';
import { run } from '../loading/support/run';

const file = `${projectRoot}/fixtures/lifecycle/listeners.cjs`;

test('a program can add as many listeners to an event as without instrumentation before Node.js warns', async () => {
  const { results: bare } = await run({ file });
  expect(bare).toEqual([11]);
  const { results: instrumented } = await run({ file, env: { INSTRUMENTED: '1' } });
  expect(instrumented).toEqual(bare);
});
