import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from 'webpack';
import { run } from '../loading/support/run';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';
import { doctorExpectsSpans, runScript, withEsbuild, withWebpack } from './support/bundlers';
import { emptyFolder, project } from './support/project';

const preloaded = ['--require', '@org/kafka-otel/register'];
const REQUIRE = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
};

/** True for `npm run test:loaders`. webpack needs up to a minute to minify the SDK, so only these tests put it into a bundle. */
const isThorough = process.env['LOADERS'] === 'all';
const testThoroughly = isThorough ? test : () => undefined;
const quick: Configuration = isThorough ? {} : { mode: 'development', devtool: false };
const withoutSdk = (kind: 'commonjs' | 'module'): Record<string, string> =>
  isThorough ? {} : { '@opentelemetry/sdk-node': `${kind} @opentelemetry/sdk-node` };

let folder: string;
beforeAll(() => {
  folder = project('bundled', { packages: ['esbuild', '@opentelemetry/instrumentation-kafkajs'] });
});

/** Runs a bundle, which must exit cleanly. Returns its spans and the expected spans. */
async function runBundle(file: string, execArgv: readonly string[] = []) {
  const { bundle } = await createTopics(['bundle']);
  const [ran, doctor] = await Promise.all([
    run({ file, execArgv, cwd: folder, env: { TOPIC: bundle.name } }),
    doctorExpectsSpans(folder, file, execArgv),
  ]);
  expect(ran.results).toEqual([['hello']]);
  expect({ doctor }).toEqual({ doctor: ran.spans.length > 0 });
  return { ...ran, traced: [sent(bundle), processed(bundle)] };
}

describe('a bundle with external kafkajs is traced under --require of register', () => {
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

describe('a minified bundle of everything is traced with instrumentModule, without any node_modules', () => {
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

  testThoroughly('webpack', async () => {
    const file = await withWebpack(folder, 'webpack.config.cjs', { entry: './inlined.mjs', externals: {} });
    const alone = join(emptyFolder('alone'), 'alone.cjs');
    copyFileSync(file, alone);
    const { spans, traced, stderr } = await runBundle(alone);
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });
});

describe('a bundle that contains kafkajs, under --require of register', () => {
  test.each([
    ['esbuild', 'this package inlined too', []],
    ['esbuild', 'this package left out', ['@org/kafka-otel']],
    ...(isThorough
      ? ([
          ['webpack', 'this package inlined too', []],
          ['webpack', 'this package left out', ['@org/kafka-otel']],
        ] as const)
      : []),
  ] as const)('is traced through instrumentModule: %s, %s', async (bundler, _, external) => {
    const entry = 'inlined-beside-register.mjs';
    const file =
      bundler === 'esbuild'
        ? withEsbuild(folder, entry, { external: [...external] })
        : await withWebpack(folder, 'webpack.config.cjs', {
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

describe('a minified bundle with this package and the SDK, with external kafkajs', () => {
  test('is traced as an ES module, although the import of kafkajs runs before the instrumentation', async () => {
    const { spans, traced, logged } = await runBundle(
      withEsbuild(folder, 'hoisted.mjs', { format: 'esm', external: ['kafkajs'], banner: REQUIRE }),
    );
    expect(spans).toEqual(traced);
    expect(logged).toEqual([]);
  });

  test('has one span per operation together with the official instrumentation, and one warning', async () => {
    const { spans, traced, logged } = await runBundle(
      withEsbuild(folder, 'beside-official.cjs', { external: ['kafkajs'] }),
    );
    expect(spans).toEqual(traced);
    expect(logged).toEqual([expect.stringContaining('@opentelemetry/instrumentation-kafkajs is active too')]);
  });

  test('starts the SDK if the bundle contains register', async () => {
    const { spans, traced, stderr } = await runBundle(
      withEsbuild(folder, 'registered.mjs', { external: ['kafkajs'] }),
    );
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });
});

describe('a webpack bundle with this package and external kafkajs', () => {
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

  test('starts the SDK if it contains register', async () => {
    const file = await withWebpack(folder, 'webpack.config.cjs', {
      ...quick,
      entry: './registered.mjs',
      externals: { kafkajs: 'commonjs kafkajs' },
    });
    const { spans, traced, stderr } = await runBundle(file);
    expect(spans).toEqual(traced);
    expect(stderr).toBe('');
  });
});
