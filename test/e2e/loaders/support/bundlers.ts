import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import { webpack, type Configuration } from 'webpack';
import { projectRoot, startProgram } from '../../../support/program';

/** Runs a script of the project's package.json that consists of one call of esbuild or Node.js. */
export function runScript(folder: string, name: string): void {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const [program = '', ...args] = (scripts[name] ?? '').split(' ');
  const file = program === 'node' ? process.execPath : join(projectRoot, 'node_modules/.bin', program);
  execFileSync(file, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Bundles and minifies a file of the project with esbuild. Resolves with the path of the bundle in `dist/`. */
export function withEsbuild(folder: string, entry: string, options: BuildOptions = {}): string {
  const outfile = join(folder, 'dist', entry.replace(/\.mjs$/, options.format === 'esm' ? '.mjs' : '.cjs'));
  buildSync({
    entryPoints: [join(folder, entry)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    logLevel: 'silent',
    ...options,
  });
  return outfile;
}

/**
 * Bundles with webpack, with a configuration file of the project and additional options. Resolves with the path of the
 * bundle in `dist/`.
 */
export function withWebpack(folder: string, file: string, more: Configuration = {}): Promise<string> {
  const { output, ...loaded } = createRequire(join(folder, file))(`./${file}`) as Configuration;
  const filename = output?.filename;
  if (typeof filename !== 'string') throw new Error(`${file} has no output.filename`);
  const name = typeof more.entry === 'string' ? basename(more.entry, '.mjs') + extname(filename) : filename;
  // The default folder would be the working directory of the tests.
  const path = join(folder, 'dist');
  const configuration = { context: folder, ...loaded, ...more, output: { ...output, filename: name, path } };
  return new Promise((resolve, reject) => {
    webpack(configuration, (error, stats) => {
      if (error) reject(error);
      else if (!stats || stats.hasErrors()) reject(new Error(stats?.toString({ all: false, errors: true })));
      else resolve(join(path, name));
    });
  });
}

/** True if the doctor expects spans of a bundle. The doctor does not run the bundle. */
export async function doctorExpectsSpans(
  folder: string,
  file: string,
  execArgv: readonly string[] = [],
): Promise<boolean> {
  const { exit } = startProgram({
    file: join(projectRoot, 'dist/doctor.js'),
    args: ['doctor', '--offline', ...execArgv, file],
    cwd: folder,
  });
  return (await exit).code === 0;
}
