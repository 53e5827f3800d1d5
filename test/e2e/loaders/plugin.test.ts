import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { installed } from '../../loaders/installs';
import { startProgram } from '../../support/program';
import { run, type RunOptions } from '../loading/support/run';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';
import { doctorExpectsSpans, runScript } from './support/bundlers';
import { emptyFolder, project } from './support/project';

const REGISTER = ['--require', '@org/kafka-otel/register'];

/** The other bundlers are installed first, which is for `npm run test:loaders`. */
const isThorough = process.env['LOADERS'] === 'all';
const BUNDLERS = ['esbuild', 'rollup', 'vite', 'webpack', 'rspack'] as const;
const FORMATS = ['cjs', 'esm'] as const;
type Bundler = (typeof BUNDLERS)[number];
type Format = (typeof FORMATS)[number];

const all = BUNDLERS.flatMap(bundler => FORMATS.map(format => [bundler, format] as const));
const builds = isThorough ? all : all.filter(([bundler]) => bundler === 'esbuild');

const INSTALLED = {
  rollup: [
    'rollup@4',
    '@rollup/plugin-commonjs@29',
    '@rollup/plugin-json@6',
    '@rollup/plugin-node-resolve@16',
    '@rollup/plugin-terser@0.4',
  ],
  vite: ['vite@7'],
  rspack: ['@rspack/core@1', '@rspack/cli@1'],
};

let folder: string;
beforeAll(() => {
  folder = project('bundled', { packages: ['esbuild', 'webpack'] });
  if (isThorough) for (const packages of Object.values(INSTALLED)) install(packages);
});

function install(packages: readonly string[]): void {
  const modules = installed(...packages);
  for (const name of packages.map(each => each.replace(/@[^@/]*$/, ''))) {
    const link = join(folder, '../../node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(modules, name), link);
  }
}

/** Builds an entry, minified and with a source map; returns the path of the bundle. */
async function build(
  [bundler, format]: readonly [Bundler, Format],
  entry: string,
  { external = [], env = {} }: { external?: readonly string[]; env?: Record<string, string> } = {},
): Promise<string> {
  const args = [bundler, format, entry, ...external];
  const program = startProgram({ file: join(folder, 'variants.mjs'), args, cwd: folder, env });
  const { code } = await program.exit;
  expect({ code, output: code === 0 ? '' : program.stdout + program.stderr }).toEqual({
    code: 0,
    output: '',
  });
  return join(folder, 'dist', bundler, entry.replace(/\.mjs$/, format === 'esm' ? '.mjs' : '.cjs'));
}

/** Runs a bundle, which must do its work as without instrumentation and log nothing. */
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

describe.each(builds)('a bundle of %s as %s, with kafkajs in it', (...variant) => {
  let file: string;
  beforeAll(async () => {
    file = await build(variant, 'app.mjs');
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
    await expectTraced({ file: await build(variant, 'hoisted.mjs', { external }) });
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
    expect(await stack(await build(variant, 'throws.mjs'))).toEqual([
      'throws.mjs:5',
      'loggers/index.js:38',
      'src/index.js:67',
      'throws.mjs:9',
    ]);
  });
});

describe('register inside of the bundle', () => {
  // In a bundle of webpack or Rspack, register finds no SDK.
  test.each(builds.filter(([bundler]) => !['webpack', 'rspack'].includes(bundler)))(
    'traces kafkajs in a bundle of %s as %s',
    async (...variant) => {
      await expectTraced({ file: await build(variant, 'registered.mjs') });
    },
  );
});

test('kafkajs in a bundle of webpack is traced', async () => {
  // Minifying takes long, and `npm run test:loaders` does it.
  const file = await build(['webpack', 'cjs'], 'app.mjs', { env: { MODE: 'development' } });
  await expectTraced({ file, execArgv: REGISTER });
});

test('register that leaves the SDK to the program traces kafkajs in the bundle', async () => {
  const file = await build(['esbuild', 'cjs'], 'attached.mjs', { external: ['@opentelemetry/*'] });
  await expectTraced({
    file,
    execArgv: REGISTER,
    env: { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' },
  });
});

test('one process traces two bundles, each with its own kafkajs', async () => {
  const { one, two } = await createTopics(['one', 'two']);
  const file = await build(['esbuild', 'cjs'], 'app.mjs');
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
