// Builds `viewer/dist/`. The build uses a folder next to it, so that an interrupted build never leaves an incomplete
// `viewer/dist/`.
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitWith, root, run } from './processes.mjs';

const folder = join(root, 'viewer');
const [dist, newDist] = ['dist', `dist.part-${process.pid}`].map(name => join(folder, name));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const status = await run(process.execPath, [tsc, '-p', join(folder, 'tsconfig.json'), '--outDir', newDist]);
if (status !== 0) {
  rmSync(newDist, { recursive: true, force: true });
  exitWith('The build of the viewer failed. Fix the errors that the compiler reports above.', status);
}
rmSync(dist, { recursive: true, force: true });
renameSync(newDist, dist);
