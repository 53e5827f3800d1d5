// `npm run sbom`: prints a list of all packages that users install with this package, in CycloneDX format.
//
// `npm sbom --omit=dev` would leave out nearly all runtime dependencies, because dev dependencies use them too. So this script runs
// npm in a temporary folder without dev dependencies.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = name => JSON.parse(readFileSync(join(root, name), 'utf8'));

const manifest = read('package.json');
for (const field of ['devDependencies', 'scripts']) delete manifest[field];
const lock = read('package-lock.json');
delete lock.packages[''].devDependencies;

const temporary = mkdtempSync(join(tmpdir(), 'sbom-'));
// npm takes the name of the package from its folder.
const folder = join(temporary, 'node_modules', manifest.name);
mkdirSync(folder, { recursive: true });
try {
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];
  const run = (...more) =>
    execFileSync(command, [...args, ...more], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  // Removes dev dependencies from the lock file. The versions of all other packages stay the same.
  run('install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
  process.stdout.write(run('sbom', '--package-lock-only', '--sbom-format=cyclonedx'));
} finally {
  rmSync(temporary, { recursive: true });
}
