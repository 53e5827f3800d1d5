// Checks the two published packages: their size, the contents of the viewer package, and whether both can be installed
// together. `npm run check` fails if a limit is exceeded. Whoever raises a limit must give the reason in the commit
// message.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Limits in bytes and number of files, about 10 % above the current values. They leave room for a new feature, but not
 * for tests or images that are packed by mistake.
 */
const PACKAGES = [
  { folder: '.', budget: { size: 485_000, unpackedSize: 1_760_000, entryCount: 380 } },
  {
    folder: 'viewer',
    budget: { size: 185_000, unpackedSize: 655_000, entryCount: 180 },
    mayHave:
      /^(dist\/.+\.(js|d\.ts|js\.map)|page\/[\w-]+\.(js|css|html)|proto\/.+\.proto|package\.json|README\.md|LICENSE)$/,
    mustHave: [
      'dist/cli.js',
      'dist/index.js',
      'page/index.html',
      'proto/opentelemetry/proto/trace/v1/trace.proto',
    ],
  },
];

const NAMES = { size: 'bytes packed', unpackedSize: 'bytes unpacked', entryCount: 'files' };

const npm = process.env.npm_execpath;
const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];

function report(isGood, line, wrong = 'OVER') {
  process.stdout.write(`${isGood ? 'ok  ' : wrong} ${line}\n`);
  if (!isGood) process.exitCode = 1;
}

for (const { folder, budget, mayHave, mustHave = [] } of PACKAGES) {
  const packed = execFileSync(command, [...args, 'pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: join(root, folder),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [found] = JSON.parse(packed);
  for (const [what, limit] of Object.entries(budget))
    report(
      found[what] <= limit,
      `${found.name}: ${found[what].toLocaleString('en')} of ${limit.toLocaleString('en')} ${NAMES[what]}`,
    );
  const paths = found.files.map(({ path }) => path);
  for (const path of mayHave ? paths.filter(path => !mayHave.test(path)) : [])
    report(
      false,
      `${found.name} contains ${path}, which \`mayHave\` in scripts/check-package.mjs does not allow`,
      'BAD ',
    );
  for (const path of mustHave.filter(path => !paths.includes(path)))
    report(false, `${found.name} does not contain ${path}`, 'BAD ');
}

// The two packages are released under one version, and the viewer installs the main package of the same version.
const [main, viewer] = PACKAGES.map(({ folder }) =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
);
report(viewer.version === main.version, `both packages must be version ${main.version}`, 'BAD ');
const range = viewer.dependencies[main.name];
report(range === `^${main.version}`, `the viewer depends on ${main.name} ${range}`, 'BAD ');
