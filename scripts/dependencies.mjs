import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitWith, root, run } from './processes.mjs';

const packagesOf = lockFile => JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages;

/** npm writes this file at the end of an installation. If it is missing, an installation was interrupted. */
const installedLock = join('node_modules', '.package-lock.json');

/**
 * True if `node_modules` has every package of the lock file. Optional packages may be missing, because some are for
 * other platforms.
 */
export function areInstalled() {
  if (!existsSync(join(root, installedLock))) return false;
  const installed = packagesOf(installedLock);
  return Object.entries(packagesOf('package-lock.json')).every(
    ([path, wanted]) =>
      path === '' ||
      (installed[path] ? installed[path].integrity === wanted.integrity : wanted.optional === true),
  );
}

export async function install() {
  const npm = process.env.npm_execpath;
  if (!npm)
    exitWith(
      'Dependencies are missing. To install them, start this with an npm command, for example `npm run build`.',
    );
  process.stderr.write('Installing dependencies once. This takes half a minute with a good connection …\n');
  // npm retries for minutes before it reports an unreachable registry. This check reports it sooner.
  const registryCheck = run(
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
        'npm cannot reach the registry, so nothing is installed yet. Check the network; npm keeps trying until you press Ctrl-C.\n',
      );
  });
  // Set the log level, because `npm run --silent` would also hide the errors of this npm.
  const status = await run(process.execPath, [npm, 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) {
    exitWith(
      'The dependencies could not be installed. Fix what npm reports above, then run the command again.',
      status,
    );
  }
  await registryCheck;
}
