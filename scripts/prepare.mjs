// Makes a fresh clone ready: installs the dependencies and builds `dist/` when either is missing or out of date.
// Every npm script that needs them runs this first, so `npm test` and `npm run demo` work right after `git clone`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const newest = path =>
  statSync(path).isDirectory()
    ? Math.max(0, ...readdirSync(path).map(name => newest(join(path, name))))
    : statSync(path).mtimeMs;

function run(what, args) {
  process.stderr.write(`${what} …\n`);
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    process.stderr.write(`${what} failed${error ? `: ${error.message}` : ''}\n`);
    process.exit(status ?? 1);
  }
}

const installed = join(root, 'node_modules', '.package-lock.json');
if (
  !existsSync(installed) ||
  statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs
) {
  const npm = process.env.npm_execpath;
  if (!npm) {
    process.stderr.write(
      'Run this through npm (for example `npm run build`), so that it can install what is missing.\n',
    );
    process.exit(1);
  }
  run('Installing dependencies', [npm, 'ci', '--no-audit', '--no-fund']);
}

const stamp = join(root, 'dist', 'index.js');
const inputs = ['src', 'tsconfig.json', 'package.json'].map(name => join(root, name));
if (
  process.argv.includes('--force-build') ||
  !existsSync(stamp) ||
  statSync(stamp).mtimeMs < Math.max(...inputs.map(newest))
) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run('Building', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']);
}
