// Makes a fresh clone ready: installs the dependencies and builds `dist/` when either is missing or out of date.
// Every npm script that needs them runs this first, so `npm test` and `npm run demo` work right after `git clone`.
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { areInstalled, install } from './dependencies.mjs';
import { fetchKafka } from './early-kafka.mjs';
import { giveUp, root, run } from './steps.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 6)) {
  giveUp(
    `Node.js ${process.versions.node} is too old for this repository and its demo: they need 20.6 or newer. (The package runs on 18.19 too.)`,
  );
}

if (!areInstalled()) {
  const isDemo = process.env.npm_lifecycle_event === 'demo';
  await Promise.all([isDemo ? fetchKafka() : undefined, install()]);
}

const newest = path =>
  statSync(path).isDirectory()
    ? Math.max(0, ...readdirSync(path).map(name => newest(join(path, name))))
    : statSync(path).mtimeMs;
// Beside it, as the source maps name the sources from there.
// Each of two commands at once has its own.
const [dist, part] = ['dist', `dist.part-${process.pid}`].map(name => join(root, name));
const built = join(dist, 'index.js');
const inputs = ['src', 'tsconfig.json', 'package.json'].map(name => join(root, name));
const isStale = !existsSync(built) || statSync(built).mtimeMs < Math.max(...inputs.map(newest));
const isForced = process.argv.includes('--force-build');
if (isForced || isStale) {
  process.stderr.write('Building …\n');
  // The types are the checks' concern, and half of the time.
  const flags = ['-p', 'tsconfig.json', '--outDir', part, ...(isForced ? [] : ['--noCheck'])];
  const status = await run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    ...flags,
  ]);
  if (status !== 0) {
    rmSync(part, { recursive: true, force: true });
    giveUp('Building failed: the compiler says why above.', status);
  }
  // In one step: half a build must not be taken for a whole one after an interruption.
  rmSync(dist, { recursive: true, force: true });
  try {
    renameSync(part, dist);
  } catch (error) {
    if (!existsSync(built)) throw error;
    // The other one was faster.
    rmSync(part, { recursive: true, force: true });
  }
}
