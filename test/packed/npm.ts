import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of npm's JavaScript file: the npm that started this process, or the npm on the PATH. */
export function npmProgram(): string {
  const running = process.env['npm_execpath'];
  if (running !== undefined && /npm-cli\.js$/.test(running)) return running;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, 'npm');
    if (existsSync(file) && /npm-cli\.js$/.test(realpathSync(file))) return realpathSync(file);
  }
  throw new Error('npm not found: add it to PATH');
}

/** Returns environment variables that make every package manager use the registry that npm uses. */
export function registry(): Readonly<Record<string, string>> {
  const url = execFileSync(process.execPath, [npmProgram(), 'config', 'get', 'registry'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  return { npm_config_registry: url, YARN_REGISTRY: url, YARN_NPM_REGISTRY_SERVER: url };
}
