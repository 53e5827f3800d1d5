// The installed packages: whether they are those of the lock file, and how they get there.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveUp, root, run } from './steps.mjs';

const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed');
/** There from the beginning of an installation to its good end. */
const begun = join(modules, '.installing');
const lock = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

export const areInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lock();

export async function install() {
  const npm = process.env.npm_execpath;
  if (!npm) giveUp('Run this through npm, for example `npm run build`: it can then install what is missing.');
  process.stderr.write('Installing dependencies (once, half a minute with a good connection) …\n');
  // npm takes a package that was cut off in the middle for an installed one.
  if (existsSync(begun)) rmSync(modules, { recursive: true, force: true });
  mkdirSync(modules, { recursive: true });
  writeFileSync(begun, '');
  // npm tries for minutes before it says that nobody answers.
  const asks = run(
    process.execPath,
    [
      npm,
      'view',
      'kafkajs',
      'version',
      '--prefer-online',
      '--fetch-retries=1',
      '--fetch-timeout=10000',
      '--silent',
    ],
    { stdio: 'ignore' },
  ).then(status => {
    if (status !== 0)
      process.stderr.write(
        'npm reaches no registry: is this machine online? It goes on trying; Ctrl-C ends it.\n',
      );
  });
  // Not `npm ci`: it refuses a lock file that lacks other platforms' optional binaries, which npm leaves out of one that was
  // written where they cannot be had. Errors only, also under `npm run --silent`: they say what to do.
  const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const status = await run(process.execPath, [npm, 'install', ...flags]);
  if (status !== 0) {
    giveUp(
      'The dependencies could not be installed: npm says why above. Run the command again once that is solved.',
      status,
    );
  }
  await asks;
  rmSync(begun, { force: true });
  writeFileSync(stamp, lock());
}
