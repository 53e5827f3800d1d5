import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerPath } from '../../support/program';
import { run } from '../loading/support/run';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';
import { runScript, withEsbuild, withWebpack } from './support/bundlers';
import { emptyFolder, project } from './support/project';

const preloaded = ['--require', registerPath];
// The other instrumentations that the repository has would make spans of their own.
const KAFKAJS_ONLY = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'kafkajs' };

let folder: string;
beforeAll(() => {
  folder = project('bundled', { packages: ['esbuild', '@opentelemetry/instrumentation-kafkajs'] });
});

/** Runs a bundle, which must behave, and gives its spans and what there should be. */
async function runBundle(file: string, execArgv: readonly string[] = []) {
  const { bundle } = await createTopics(['bundle']);
  const ran = await run({ file, execArgv, cwd: folder, env: { ...KAFKAJS_ONLY, TOPIC: bundle.name } });
  expect(ran.results).toEqual([['hello']]);
  return { ...ran, traced: [sent(bundle), processed(bundle)] };
}

describe('a bundle that leaves kafkajs out is traced under --require of register', () => {
  test.each([
    ['external', 'app.cjs'],
    ['external:esm', 'app.mjs'],
  ])('esbuild, the script "%s"', async (script, file) => {
    runScript(folder, script);
    const { spans, traced, stderr } = await runBundle(join(folder, 'dist', file), preloaded);
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });

  test.each(['webpack.config.cjs', 'webpack.esm.config.cjs'])('webpack, %s', async configuration => {
    const file = await withWebpack(folder, configuration);
    const { spans, traced, stderr } = await runBundle(file, preloaded);
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });
});
