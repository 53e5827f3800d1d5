// `npm run sbom` and `npm run sbom:viewer` print a list of all packages that users install with this package or with
// the viewer, in CycloneDX format.
//
// `npm sbom --omit=dev` would leave out nearly all runtime dependencies, because dev dependencies use them too.
// Therefore this script runs npm in a temporary folder without dev dependencies.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = name => JSON.parse(readFileSync(join(root, name), 'utf8'));
const OMITTED = ['devDependencies', 'scripts', 'workspaces'];
const published = manifest =>
  Object.fromEntries(Object.entries(manifest).filter(([field]) => !OMITTED.includes(field)));

const main = published(read('package.json'));
const lock = read('package-lock.json');
let manifest = main;
if (process.argv[2] === 'viewer') {
  manifest = published(read('viewer/package.json'));
  // The viewer may need other versions of some packages than the main package. For these packages, use the viewer's
  // versions.
  for (const [path, entry] of Object.entries(lock.packages))
    if (path.startsWith('viewer/node_modules/')) lock.packages[path.slice('viewer/'.length)] = entry;
  // The registry may not have this version of the main package yet, because the viewer is released together with it.
  manifest.dependencies[main.name] = `file:./${main.name}`;
  lock.packages[`node_modules/${main.name}`] = { resolved: main.name, link: true };
  lock.packages[main.name] = main;
}
lock.packages[''] = manifest;

const temporary = mkdtempSync(join(tmpdir(), 'sbom-'));
// npm uses the name of the folder as the name of the package, so the folder gets the package name.
const folder = join(temporary, 'node_modules', manifest.name);
mkdirSync(join(folder, main.name), { recursive: true });
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
  writeFileSync(join(folder, main.name, 'package.json'), JSON.stringify(main));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  // Removes dev dependencies from the lock file. The versions of all other packages stay the same.
  run('install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
  process.stdout.write(run('sbom', '--package-lock-only', '--sbom-format=cyclonedx'));
} finally {
  rmSync(temporary, { recursive: true });
}
