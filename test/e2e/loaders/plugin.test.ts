import { copyFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { startProgram } from '../../support/program';
import { run, type RunOptions } from '../loading/support/run';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';
import { doctorExpectsSpans, runScript } from './support/bundlers';
import { build, installBundlers, VARIANTS } from './support/plugin';
import { emptyFolder, project } from './support/project';

const REGISTER = ['--require', '@org/kafka-otel/register'];

/** `npm run test:loaders` installs and tests the other bundlers too. */
const isThorough = process.env['LOADERS'] === 'all';
const variants = isThorough ? VARIANTS : VARIANTS.filter(([bundler]) => bundler === 'esbuild');

let folder: string;
beforeAll(() => {
  folder = project('bundled', { packages: ['esbuild', 'webpack'] });
  if (isThorough) installBundlers(folder);
});

/** Runs a bundle. It must work as without instrumentation and log nothing. */
async function runBundle({ env, ...options }: RunOptions) {
  const { bundle } = await createTopics(['bundle']);
  const { results, spans, stderr } = await run({
    cwd: folder,
    ...options,
    env: { ...env, TOPIC: bundle.name },
  });
  expect({ results, stderr }).toEqual({ results: [['hello']], stderr: '' });
  return { spans, traced: [sent(bundle), processed(bundle)] };
}

async function expectTraced(options: RunOptions): Promise<void> {
  const { spans, traced } = await runBundle(options);
  expect(spans).toEqual(traced);
}

test('the recipe for esbuild makes a bundle that is traced under --require of register', async () => {
  runScript(folder, 'build');
  await expectTraced({ file: join(folder, 'dist/app.cjs'), execArgv: REGISTER });
});

describe.each(variants)('a bundle of %s as %s, with kafkajs in it', (...variant) => {
  let file: string;
  beforeAll(async () => {
    file = await build(folder, variant, 'app.mjs');
  });

  test('is traced under --require of register, and the doctor says so', async () => {
    await expectTraced({ file, execArgv: REGISTER });
    expect(await doctorExpectsSpans(folder, file, REGISTER)).toBe(true);
    expect(await doctorExpectsSpans(folder, file)).toBe(false);
  });

  test('runs without this package as without the plugin', async () => {
    const alone = join(emptyFolder('alone'), basename(file));
    copyFileSync(file, alone);
    expect((await runBundle({ file: alone, cwd: dirname(alone) })).spans).toEqual([]);
  });

  test('is traced with an SDK and the instrumentation in it', async () => {
    const external = variant[0] === 'esbuild' ? [] : ['@opentelemetry/sdk-node'];
    await expectTraced({ file: await build(folder, variant, 'hoisted.mjs', { external }) });
  });

  test('keeps the lines of its sources in stack traces', async () => {
    const stack = async (path: string) => {
      const program = startProgram({ file: path, execArgv: ['--enable-source-maps'], cwd: folder });
      await program.exit;
      return [...program.stdout.matchAll(/([\w/-]+\.m?js):(\d+):\d+\)/g)]
        .map(([, source = '', line = '']) => `${basename(dirname(source))}/${basename(source)}:${line}`)
        .map(frame => frame.replace(/^.*\/throws/, 'throws'))
        .slice(0, 4);
    };
    expect(await stack(await build(folder, variant, 'throws.mjs'))).toEqual([
      'throws.mjs:5',
      'loggers/index.js:38',
      'src/index.js:67',
      'throws.mjs:9',
    ]);
  });
});

test.each(variants)('register in a bundle of %s as %s traces kafkajs in it', async (...variant) => {
  await expectTraced({ file: await build(folder, variant, 'registered.mjs') });
});

/** Formats without a `require` function. */
const withoutRequire = variants.filter(
  ([bundler, format]) => format === 'esm' && ['rollup', 'vite'].includes(bundler),
);
if (withoutRequire.length > 0)
  describe.each(withoutRequire)('register in a bundle of %s as %s, with kafkajs outside', (...variant) => {
    const runOutside = async (entry: string) => {
      const { topic } = await createTopics(['topic']);
      const file = await build(folder, variant, entry, { external: ['kafkajs'] });
      const ran = await run({ file, cwd: folder, env: { TOPIC: topic.name } });
      expect(ran.results).toEqual([['hello']]);
      return { ...ran, traced: [sent(topic), processed(topic)] };
    };

    test('traces kafkajs that the bundle imports', async () => {
      const { spans, traced } = await runOutside('registered.mjs');
      expect(spans).toEqual(traced);
    });

    test('does not trace kafkajs that is loaded later, and one line says so', async () => {
      const { spans, stderr } = await runOutside('registered-later.mjs');
      expect(spans).toEqual([]);
      expect(stderr).toMatch(/^kafka-otel: warning: [^\n]+ ES module bundle without `require`[^\n]+\n$/);
    });
  });

test('kafkajs in a bundle of webpack is traced', async () => {
  // Do not minify, because this takes long. `npm run test:loaders` minifies.
  const file = await build(folder, ['webpack', 'cjs'], 'app.mjs', { env: { MODE: 'development' } });
  await expectTraced({ file, execArgv: REGISTER });
});

test('register that leaves the SDK to the program traces kafkajs in the bundle', async () => {
  const file = await build(folder, ['esbuild', 'cjs'], 'attached.mjs', { external: ['@opentelemetry/*'] });
  await expectTraced({
    file,
    execArgv: REGISTER,
    env: { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' },
  });
});

test('one process traces two bundles, each with its own kafkajs', async () => {
  const { one, two } = await createTopics(['one', 'two']);
  const file = await build(folder, ['esbuild', 'cjs'], 'app.mjs');
  const copy = join(dirname(file), 'copy.cjs');
  copyFileSync(file, copy);
  const { results, spans, stderr } = await run({
    file: join(folder, 'two-bundles.cjs'),
    args: [file, one.name, copy, two.name],
    execArgv: REGISTER,
    cwd: folder,
  });
  expect({ results, stderr }).toEqual({ results: [['hello'], ['hello']], stderr: '' });
  for (const topic of [one, two])
    expect(spans.filter(({ name }) => name.endsWith(topic.name))).toEqual([sent(topic), processed(topic)]);
  expect(spans).toHaveLength(4);
});
