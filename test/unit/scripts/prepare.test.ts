import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_KAFKA_VERSION } from '../../support/kafka/versions';
import { projectRoot, startProgram, type Program } from '../../support/program';

/** A clone without installed packages, and a folder with the only programs on its PATH. */
let clone: string;
let bin: string;

beforeEach(() => {
  clone = realpathSync(mkdtempSync(join(tmpdir(), 'fresh clone-')));
  bin = join(clone, 'bin');
  for (const name of ['scripts', 'package.json', 'package-lock.json', 'tsconfig.json', 'test/support/kafka'])
    cpSync(join(projectRoot, name), join(clone, name), { recursive: true });
  mkdirSync(join(clone, 'src'));
  mkdirSync(bin);
});

afterEach(() => {
  rmSync(clone, { recursive: true, force: true });
});

const has = (name: string, script: string): void => {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
};

/** Installs a compiler that writes an empty `index.js`. Then writes the lock file, as npm does at its end. */
const INSTALLS = `
  const bin = 'node_modules/typescript/bin';
  fs.mkdirSync(bin, { recursive: true });
  fs.writeFileSync(bin + '/tsc', \`
    const out = process.argv[process.argv.indexOf('--outDir') + 1];
    require('node:fs').mkdirSync(out, { recursive: true });
    require('node:fs').writeFileSync(out + '/index.js', '');\`);
  fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');`;

function prepare(install: string, env: Readonly<Record<string, string>> = {}): Program {
  const npm = join(clone, 'npm.cjs');
  // npm first empties the folder.
  const empty = "fs.rmSync('node_modules', { recursive: true, force: true }); fs.mkdirSync('node_modules');";
  writeFileSync(npm, `const fs = require('node:fs');\nif (process.argv[2] === 'ci') {${empty}${install}}`);
  return startProgram({
    cwd: clone,
    file: join(clone, 'scripts', 'prepare.mjs'),
    env: {
      PATH: bin,
      JAVA_HOME: '',
      KAFKA_BROKERS: '',
      KAFKA_CACHE: join(clone, 'cache'),
      npm_execpath: npm,
      ...env,
    },
  });
}

const DEMO = { npm_lifecycle_event: 'demo' };
const HANGS = `fs.mkdirSync('node_modules/half'); console.error('begun'); setInterval(() => {}, 1000);`;

test('a fresh clone gets its dependencies and a build once', async () => {
  const first = prepare(INSTALLS);
  expect(await first.exit).toMatchObject({ code: 0 });
  expect(first.stderr).toMatch(/^Installing dependencies .*\nBuilding …\n$/);
  expect(existsSync(join(clone, 'dist', 'index.js'))).toBe(true);
  const second = prepare('process.exit(1)');
  expect(await second.exit).toMatchObject({ code: 0 });
  expect(second.stderr).toBe('');
});

test.each([
  ['nothing', {}],
  ['an old Java', { java: `echo 'openjdk version "11.0.2"' >&2`, mvn: 'exit 0' }],
  ['a Docker without an engine', { docker: 'exit 1' }],
])('if only %s could start a Kafka, the demo reports that before it installs', async (_, programs) => {
  for (const [name, script] of Object.entries(programs)) has(name, script);
  const program = prepare(HANGS, DEMO);
  expect(await program.exit).toMatchObject({ code: 1 });
  expect(program.stderr).toContain(
    'No Kafka is available, and this machine cannot start one. Set KAFKA_BROKERS=host:port, or install Docker, or Java 17 and Maven.',
  );
});

test('Kafka is fetched while the dependencies are installed', async () => {
  has('java', `echo 'openjdk version "17.0.15"' >&2`);
  has('mvn', `echo "$*" >> '${join(clone, 'mvn.log')}'`);
  expect(await prepare(INSTALLS, DEMO).exit).toMatchObject({ code: 0 });
  expect(readFileSync(join(clone, 'mvn.log'), 'utf8')).toContain(
    `-Dartifact=org.apache.kafka:kafka_2.13:${DEFAULT_KAFKA_VERSION}\n`,
  );
});

test('a failed installation exits with the status of npm and says what to do', async () => {
  const program = prepare('process.exit(7)');
  expect(await program.exit).toMatchObject({ code: 7 });
  expect(program.stderr).toContain('The dependencies could not be installed. Fix what npm reports above');
});

test('an unreachable registry is reported while npm retries', async () => {
  const program = prepare(`${HANGS}} else {process.exit(1)`);
  await program.line('npm cannot reach the registry');
  program.kill();
  await program.exit;
});

test('an installation that a signal interrupts leaves no npm process, and the next one starts again', async () => {
  const program = prepare(HANGS);
  await program.line('begun');
  program.kill('SIGTERM');
  // Settles after npm has exited, because npm has the same stderr.
  expect(await program.exit).toMatchObject({ code: 143 });
  expect(await prepare(INSTALLS).exit).toMatchObject({ code: 0 });
  expect(existsSync(join(clone, 'node_modules', 'half'))).toBe(false);
});
