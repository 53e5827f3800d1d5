import { projectRoot } from '../../support/program';
import { run } from './support/run';
import { createTopics, readBack } from './support/topics';
import { processed, sent } from './support/whole';

const fixture = (name: string) => `${projectRoot}/fixtures/loading/${name}`;
const tracing = fixture('tracing.cjs');

describe.each([
  ['a named import in an ES module', ['--require', tracing], 'named.mjs'],
  ['a default import in an ES module', ['--require', tracing], 'default.mjs'],
  ['a dynamic import in an ES module', ['--require', tracing], 'dynamic.mjs'],
  ['a named import after --import', ['--import', tracing], 'named.mjs'],
  ['a TypeScript program under tsx', ['--require', tracing, '--import', 'tsx'], 'typescript.ts'],
])('%s', (_, execArgv, file) => {
  test('has one span for each send and each handler', async () => {
    const { entry } = await createTopics(['entry']);
    const ran = await run({ file: fixture(file), execArgv, env: { TOPIC: entry.name } });
    expect(ran.results).toEqual([['hello']]);
    expect(ran.spans).toEqual([sent(entry), processed(entry)]);
    expect(ran.stderr).toBe('');
  });
});

test('a program that loaded kafkajs first is traced from then on, with one warning', async () => {
  const { early, preloaded } = await createTopics(['early', 'preloaded']);
  const ran = await run({
    file: fixture('preloaded.cjs'),
    env: { EARLY_TOPIC: early.name, TOPIC: preloaded.name },
  });
  expect(ran.spans).toEqual([sent(early, 1), sent(preloaded), processed(preloaded)]);
  expect(ran.logged).toEqual([expect.stringContaining('kafkajs was loaded before this instrumentation')]);
  await expect(readBack(early, 2)).resolves.toEqual([
    { value: 'bare', headers: {} },
    { value: 'traced', headers: { traceparent: expect.stringMatching(/^00-\w{32}-\w{16}-01$/) as string } },
  ]);
});

test('an ES module that imported kafkajs first is traced too, with one warning', async () => {
  const { preloaded } = await createTopics(['preloaded']);
  const ran = await run({ file: fixture('preloaded.mjs'), env: { TOPIC: preloaded.name } });
  expect(ran.spans).toEqual([sent(preloaded), processed(preloaded)]);
  expect(ran.logged).toEqual([expect.stringContaining('kafkajs was loaded before this instrumentation')]);
});

test('warnings at load time are logged even if the SDK sets its logger later', async () => {
  const ran = await run({ file: fixture('inline-sdk.cjs'), env: { OTEL_LOG_LEVEL: 'warn' } });
  expect(ran.logged).toEqual([
    expect.stringContaining('the option producerSpans is "every"'),
    expect.stringContaining('kafkajs was loaded before this instrumentation'),
  ]);
});
