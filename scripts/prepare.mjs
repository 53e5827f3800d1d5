// Installs the dependencies and builds `dist/` if they are missing or out of date. Runs before other npm scripts, so
// that `npm test` and `npm run demo` work right after `git clone`.
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { areInstalled, install } from './dependencies.mjs';
import { fetchKafka } from './early-kafka.mjs';
import { exitWith, root, run } from './processes.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 6)) {
  exitWith(
    `Node.js ${process.versions.node} is too old for this repository and its demo: they need 20.6 or newer. (The package runs on 18.19 too.)`,
  );
}

if (!areInstalled()) {
  const isDemo = process.env.npm_lifecycle_event === 'demo';
  await Promise.all([isDemo ? fetchKafka() : undefined, install()]);
}

const lastModified = path =>
  statSync(path).isDirectory()
    ? Math.max(0, ...readdirSync(path).map(name => lastModified(join(path, name))))
    : statSync(path).mtimeMs;
// Build into a folder next to `dist/`, so that relative paths in source maps stay correct. The process id in its name
// keeps two builds apart.
const [dist, newDist] = ['dist', `dist.part-${process.pid}`].map(name => join(root, name));
const built = join(dist, 'index.js');
const inputs = ['src', 'tsconfig.json', 'package.json'].map(name => join(root, name));
const isStale = !existsSync(built) || statSync(built).mtimeMs < Math.max(...inputs.map(lastModified));
const isForced = process.argv.includes('--force-build');
if (isForced || isStale) {
  process.stderr.write('Building …\n');
  // Skip the type check, which doubles the build time. `npm run check` checks the types.
  const flags = ['-p', 'tsconfig.json', '--outDir', newDist, ...(isForced ? [] : ['--noCheck'])];
  const status = await run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    ...flags,
  ]);
  if (status !== 0) {
    rmSync(newDist, { recursive: true, force: true });
    exitWith('The build failed. Fix the errors that the compiler reports above.', status);
  }
  // Rename the finished folder, so that an interrupted build never leaves an incomplete `dist/`.
  rmSync(dist, { recursive: true, force: true });
  try {
    renameSync(newDist, dist);
  } catch (error) {
    if (!existsSync(built)) throw error;
    // Another build finished first. Use its result.
    rmSync(newDist, { recursive: true, force: true });
  }
}
