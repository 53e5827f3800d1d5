import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './kafka/maven';

/**
 * JavaScript runtimes other than Node.js. A runtime takes about 100 MB, so it is installed only when a test needs it.
 */
export const RUNTIMES = ['bun@1.4.5', 'deno@2.9.6'] as const;

export type Runtime = (typeof RUNTIMES)[number];

export const isRuntime = (name: string): name is Runtime => RUNTIMES.some(runtime => runtime === name);

/** Returns the executable of a runtime. Installs the runtime from npm at the first use, and keeps it for later runs. */
export function runtimeExecutable(runtime: Runtime): string {
  const [name = ''] = runtime.split('@');
  const folder = join(cacheFolder(process.env), 'runtimes', runtime);
  if (!existsSync(folder)) {
    mkdirSync(join(folder, '..'), { recursive: true });
    const part = mkdtempSync(join(folder, '../.part-'));
    try {
      writeFileSync(join(part, 'package.json'), '{ "private": true }');
      // Allow install scripts: the script of the package installs the executable for this machine.
      execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', runtime], {
        cwd: part,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      if (!existsSync(folder)) renameSync(part, folder);
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules', name, name === 'bun' ? 'bin/bun.exe' : 'deno');
}

/** Command line options that preload modules, in the syntax of the runtime. */
export const runtimeOptions = (runtime: Runtime, preloads: readonly string[]): readonly string[] =>
  runtime.startsWith('bun')
    ? preloads.flatMap(file => ['--preload', file])
    : ['run', '--allow-all', '--quiet', ...preloads.flatMap(file => ['--require', file])];
