// Checks the size of the published package. `npm run check` fails if a limit is exceeded. Whoever raises a limit gives the reason
// in the commit message.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Limits in bytes and number of files, about 10 % above the current values. A new feature fits; tests or images packed by mistake
 * do not.
 */
const BUDGET = { size: 475_000, unpackedSize: 1_730_000, entryCount: 380 };

const NAMES = { size: 'bytes packed', unpackedSize: 'bytes unpacked', entryCount: 'files' };

const npm = process.env.npm_execpath;
const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];
const packed = execFileSync(command, [...args, 'pack', '--dry-run', '--ignore-scripts', '--json'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
const [found] = JSON.parse(packed);
for (const [what, budget] of Object.entries(BUDGET)) {
  const isWithin = found[what] <= budget;
  const line = `${found[what].toLocaleString('en')} of ${budget.toLocaleString('en')} ${NAMES[what]}`;
  process.stdout.write(`${isWithin ? 'ok  ' : 'OVER'} ${line}\n`);
  if (!isWithin) process.exitCode = 1;
}
