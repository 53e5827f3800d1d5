import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CONFLUENT, confluentLab, LAB_DEADLINE_MS } from '../../../support/confluent';
import { projectRoot } from '../../../support/program';
import { run } from '../../loading/support/run';
import { createTopics } from '../../loading/support/topics';
import { doctorExpectsSpans } from './bundlers';
import { build, installBundlers, type Variant } from './plugin';
import { project } from './project';

const REGISTER = ['--require', '@org/kafka-otel/register'];

/** Defines tests of bundles that contain the JavaScript of Confluent's client. */
export function traceConfluentBundles(variants: readonly Variant[]): void {
  let folder: string;
  beforeAll(async () => {
    const modules = join(await confluentLab(), 'node_modules');
    folder = project('bundled', { packages: ['esbuild', 'webpack'] });
    if (variants.some(([bundler]) => bundler === 'rollup')) installBundlers(folder);
    const root = join(folder, '../..');
    cpSync(join(projectRoot, 'fixtures/confluent/loading'), join(root, 'confluent/loading'), {
      recursive: true,
    });
    for (const name of ['@confluentinc', 'bindings'])
      symlinkSync(join(modules, name), join(root, 'node_modules', name));
    // The package `bindings` looks for the addon in the folder of the bundle's package.json. A link replaces a copy.
    symlinkSync(join(modules, CONFLUENT, 'build'), join(folder, 'build'));
  }, LAB_DEADLINE_MS);

  test.each(variants)(
    "Confluent's client in a bundle of %s as %s is traced under --require of register",
    async (...variant) => {
      const file = await build(folder, variant, 'confluent.mjs', { external: ['bindings'] });
      const { topic } = await createTopics(['topic']);
      const env = { TOPIC: topic.name };
      const traced = await run({ file, cwd: folder, execArgv: REGISTER, env });
      expect(traced.results).toEqual([['hello']]);
      expect(traced.spans.map(({ name }) => name)).toEqual([`send ${topic.name}`, `process ${topic.name}`]);
      expect(traced.logged).toEqual([]);
      expect(await doctorExpectsSpans(folder, file, REGISTER)).toBe(true);
    },
  );
}
