// Makes a fresh clone ready: installs the dependencies and builds `dist/` when either is missing or out of date.
// Every npm script that needs them runs this first, so `npm test` and `npm run demo` work right after `git clone`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const stamp = join(root, 'node_modules', '.installed');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  const npm = process.env.npm_execpath;
  if (!npm) {
    process.stderr.write(
      'Run this through npm, for example `npm run build`: it can then install what is missing.\n',
    );
    process.exit(1);
  }
  // Not `npm ci`: it refuses a lock file that lacks other platforms' optional binaries, which npm leaves out of one that was
  // written where they cannot be had.
  run('Installing dependencies', [npm, 'install', '--no-save', '--no-audit', '--no-fund']);
  writeFileSync(stamp, lock);
}

const built = join(root, 'dist', 'index.js');
const inputs = ['src', 'tsconfig.json', 'package.json'].map(name => join(root, name));
const isStale = !existsSync(built) || statSync(built).mtimeMs < Math.max(...inputs.map(newest));
if (process.argv.includes('--force-build') || isStale) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run('Building', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']);
}
