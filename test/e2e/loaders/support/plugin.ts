import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installed } from '../../../loaders/installs';
import { startProgram } from '../../../support/program';

const BUNDLERS = ['esbuild', 'rollup', 'vite', 'webpack', 'rspack'] as const;

/** A bundler and the format of its output. */
export type Variant = readonly [bundler: (typeof BUNDLERS)[number], format: 'cjs' | 'esm'];

export const VARIANTS = BUNDLERS.flatMap((bundler): Variant[] => [
  [bundler, 'cjs'],
  [bundler, 'esm'],
]);

const INSTALLED = [
  [
    'rollup@4',
    '@rollup/plugin-commonjs@29',
    '@rollup/plugin-json@6',
    '@rollup/plugin-node-resolve@16',
    '@rollup/plugin-terser@0.4',
  ],
  ['vite@7'],
  ['@rspack/core@1', '@rspack/cli@1'],
];

/** Installs the bundlers that are no dev dependencies. Only for `npm run test:loaders`. */
export function installBundlers(folder: string): void {
  for (const packages of INSTALLED) {
    const modules = installed(...packages);
    for (const name of packages.map(each => each.replace(/@[^@/]*$/, ''))) {
      const link = join(folder, '../../node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(modules, name), link);
    }
  }
}

export interface BuildOptions {
  readonly external?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Builds a file of the project with the plugin, minified and with a source map. Resolves with the path of the bundle.
 */
export async function build(
  folder: string,
  [bundler, format]: Variant,
  entry: string,
  { external = [], env = {} }: BuildOptions = {},
): Promise<string> {
  const args = [bundler, format, entry, ...external];
  const program = startProgram({ file: join(folder, 'variants.mjs'), args, cwd: folder, env });
  const { code } = await program.exit;
  if (code !== 0) throw new Error(`${args.join(' ')}\n${program.stdout}\n${program.stderr}`);
  return join(folder, 'dist', bundler, entry.replace(/\.mjs$/, format === 'esm' ? '.mjs' : '.cjs'));
}
