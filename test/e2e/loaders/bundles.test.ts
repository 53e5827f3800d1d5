import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from 'webpack';
import { projectRoot, startProgram } from '../../support/program';
import { run } from '../loading/support/run';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';
import { runScript, withEsbuild, withWebpack } from './support/bundlers';
import { emptyFolder, project } from './support/project';

const preloaded = ['--require', '@org/kafka-otel/register'];
const REQUIRE = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
};

/** The SDK takes webpack's minifier up to a minute: the short form of these tests leaves both out. */
const isThorough = process.env['LOADERS'] === 'all';
const quick: Configuration = isThorough ? {} : { mode: 'development', devtool: false };
const withoutSdk = (kind: 'commonjs' | 'module'): Record<string, string> =>
  isThorough ? {} : { '@opentelemetry/sdk-node': `${kind} @opentelemetry/sdk-node` };

let folder: string;
beforeAll(() => {
  folder = project('bundled', { packages: ['esbuild', '@opentelemetry/instrumentation-kafkajs'] });
});

/** Runs a bundle, which must behave, and gives its spans and what there should be. */
async function runBundle(file: string, execArgv: readonly string[] = []) {
  const { bundle } = await createTopics(['bundle']);
  const [ran, doctor] = await Promise.all([
    run({ file, execArgv, cwd: folder, env: { TOPIC: bundle.name } }),
    doctorSees(file, execArgv),
  ]);
  expect(ran.results).toEqual([['hello']]);
  expect({ doctor }).toEqual({ doctor: ran.spans.length > 0 });
  return { ...ran, traced: [sent(bundle), processed(bundle)] };
}

/** Whether spans would flow by the account of the doctor, which runs nothing. */
async function doctorSees(file: string, execArgv: readonly string[]): Promise<boolean> {
  const { exit } = startProgram({
    file: join(projectRoot, 'dist/doctor.js'),
    args: ['doctor', '--offline', ...execArgv, file],
    cwd: folder,
  });
  return (await exit).code === 0;
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

describe('a bundle with everything in it is traced through instrumentModule, minified, far from any node_modules', () => {
  test.each([
    ['inlined', 'inlined.cjs'],
    ['inlined:esm', 'inlined.mjs'],
  ])('esbuild, the script "%s"', async (script, file) => {
    runScript(folder, script);
    const alone = join(emptyFolder('alone'), file);
    copyFileSync(join(folder, 'dist', file), alone);
    const { spans, traced, stderr } = await runBundle(alone);
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });

  test('webpack', async () => {
    const file = await withWebpack(folder, 'webpack.config.cjs', {
      ...quick,
      entry: './inlined.mjs',
      externals: withoutSdk('commonjs'),
    });
    const alone = join(isThorough ? emptyFolder('alone') : folder, 'alone.cjs');
    copyFileSync(file, alone);
    const { spans, traced, stderr } = await runBundle(alone);
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });
});

describe('a bundle with kafkajs in it under --require of register', () => {
  test.each([
    ['esbuild', 'this package inlined too', []],
    ['esbuild', 'this package left out', ['@org/kafka-otel']],
    ['webpack', 'this package inlined too', []],
    ['webpack', 'this package left out', ['@org/kafka-otel']],
  ] as const)('is traced through instrumentModule: %s, %s', async (bundler, _, external) => {
    const entry = 'inlined-beside-register.mjs';
    const file =
      bundler === 'esbuild'
        ? withEsbuild(folder, entry, { external: [...external] })
        : await withWebpack(folder, 'webpack.config.cjs', {
            ...quick,
            entry: `./${entry}`,
            externals: Object.fromEntries(external.map(name => [name, `commonjs ${name}`])),
          });
    const { spans, traced, stderr } = await runBundle(file, preloaded);
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });

  test('is not traced without it', async () => {
    const { spans, stderr } = await runBundle(withEsbuild(folder, 'app.mjs'), preloaded);
    expect(spans).toEqual([]);
    expect(stderr).toBe('');
  });
});

describe('a minified bundle with this package and the SDK in it, and without kafkajs', () => {
  test('is traced in an ES module, where the import of kafkajs is hoisted above the instrumentation', async () => {
    const { spans, traced, logged } = await runBundle(
      withEsbuild(folder, 'hoisted.mjs', { format: 'esm', external: ['kafkajs'], banner: REQUIRE }),
    );
    expect(spans).toEqual(traced);
    expect(logged).toEqual([]);
  });

  test('has one span for each operation beside the official instrumentation, and one warning', async () => {
    const { spans, traced, logged } = await runBundle(
      withEsbuild(folder, 'beside-official.cjs', { external: ['kafkajs'] }),
    );
    expect(spans).toEqual(traced);
    expect(logged).toEqual([expect.stringContaining('@opentelemetry/instrumentation-kafkajs is active too')]);
  });

  test('starts the SDK where the bundle has register in it', async () => {
    const { spans, traced, stderr } = await runBundle(
      withEsbuild(folder, 'registered.mjs', { external: ['kafkajs'] }),
    );
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });
});

describe('a webpack bundle with this package in it, and without kafkajs', () => {
  test.each([
    ['webpack.config.cjs', 'commonjs'],
    ['webpack.esm.config.cjs', 'module'],
  ] as const)('is traced: %s', async (configuration, kind) => {
    const file = await withWebpack(folder, configuration, {
      ...quick,
      entry: './hoisted.mjs',
      externals: { ...withoutSdk(kind), kafkajs: `${kind} kafkajs` },
    });
    const { spans, traced, stderr } = await runBundle(file);
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });

  test('says why nothing is traced where register is a part of it', async () => {
    const file = await withWebpack(folder, 'webpack.config.cjs', { ...quick, entry: './registered.mjs' });
    const { spans, stderr } = await runBundle(file);
    expect(spans).toEqual([]);
    expect(stderr).toMatch(
      /^kafka-otel: warning: register is a part of a webpack bundle, .* Leave it out of the bundle: .*\n$/,
    );
  });
});
