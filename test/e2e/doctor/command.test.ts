import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackages } from '../../support/installed';
import { projectRoot, startProgram } from '../../support/program';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'doctor-')));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function doctor(
  args: readonly string[],
  { execArgv = [], dist = join(projectRoot, 'dist') }: { execArgv?: readonly string[]; dist?: string } = {},
) {
  const program = startProgram({
    execArgv,
    args: [join(dist, 'doctor.js'), ...args],
    cwd: folder,
  });
  const { code } = await program.exit;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

test('the output has groups of findings, each with a reason and an advice, and a closing sentence', async () => {
  cpSync(join(projectRoot, 'fixtures/doctor/bare'), join(folder, 'bare'), { recursive: true });
  const { code, stdout, stderr } = await doctor(['doctor', '--offline', 'bare/app.js']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines.slice(0, 2)).toEqual(['Will flow:', `  Node.js ${process.versions.node} is supported`]);
  expect(stdout).toContain(
    [
      'Will not flow:',
      '  problem: kafkajs is not installed where the program can load it. [clients.missing]',
      '    why: the program may not start.',
      '    do:  Run `npm install kafkajs`, or pass the file of the service that uses Kafka: kafka-otel doctor service.js.',
      '',
    ].join('\n'),
  );
  expect(lines.slice(-3)).toEqual([
    '',
    'No spans of Kafka clients would leave app.js: 3 problems to fix.',
    '',
  ]);
});

test('the command of a start can be passed, and a JSON finding has what, why, do, command, file and line', async () => {
  cpSync(join(projectRoot, 'fixtures/doctor/late'), join(folder, 'late'), { recursive: true });
  linkPackages(join(folder, 'late'), [
    'kafkajs',
    '@opentelemetry/api',
    '@opentelemetry/sdk-node',
    '@org/kafka-otel',
  ]);
  const command = ['--', 'OTEL_TRACES_EXPORTER=console', 'node', 'late/app.js'];
  const { code, stdout } = await doctor(['doctor', '--json', ...command]);
  expect(code).toBe(1);
  const { verdict, findings } = JSON.parse(stdout) as { verdict: string; findings: { code: string }[] };
  expect(verdict).toBe('will not flow');
  expect(findings.find(each => each.code === 'loading.late')).toEqual({
    code: 'loading.late',
    level: 'problem',
    what: 'producer.js loads kafkajs before tracing.js loads the instrumentation',
    why: 'the clients that producer.js creates are not traced',
    do: 'Start with `node --require ./tracing.js app.js`, or load it in the first line of app.js.',
    command: 'node --require ./tracing.js app.js',
    file: 'producer.js',
    line: 2,
  });
});

test('the doctor loads neither the program nor OpenTelemetry', async () => {
  const project = join(projectRoot, 'fixtures/tracing.cjs');
  const execArgv = ['--require', join(projectRoot, 'fixtures/doctor/loaded-files.cjs')];
  const { stderr } = await doctor(['doctor', '--offline', project], { execArgv });
  const loaded = JSON.parse(stderr) as string[];
  expect(loaded.length).toBeGreaterThan(10);
  const foreign = /node_modules.(kafkajs|@opentelemetry.(?!api.|semantic-conventions.))|fixtures.tracing/;
  expect(loaded.filter(file => foreign.test(file))).toEqual([]);
});

test('without the API package, which it needs, the doctor names that package and how to install it', async () => {
  const dist = join(folder, 'alone/dist');
  cpSync(join(projectRoot, 'dist'), dist, { recursive: true });
  linkPackages(join(folder, 'alone'), ['@opentelemetry/semantic-conventions', 'picomatch', 'shimmer']);
  writeFileSync(join(folder, 'alone/app.js'), '');
  writeFileSync(join(folder, 'alone/pnpm-lock.yaml'), '');
  const { code, stdout, stderr } = await doctor(['doctor', '--json', 'alone/app.js'], { dist });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    flows: false,
    findings: [
      {
        code: 'api.missing',
        command: 'pnpm add @opentelemetry/api',
        do: 'Run `pnpm add @opentelemetry/api`, then run this command again.',
      },
    ],
  });
});

test.each([
  [[], 'no command given; expected "doctor"'],
  [['diagnose'], 'unknown command "diagnose"; expected "doctor"'],
  [['doctor', '--loud'], "Unknown option '--loud'"],
  [['doctor', 'a.js', 'b.js'], 'expected one file or folder, got 2: a.js b.js'],
  [
    ['doctor', 'a.js', '--', 'node', 'a.js'],
    'expected either a file or folder, or a command after --, got both',
  ],
])('wrong arguments %j print the usage and exit with code 2', async (args, reason) => {
  const { code, stdout, stderr } = await doctor(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(`kafka-otel: ${reason}`);
  expect(stderr).toContain('Usage: kafka-otel doctor [options] [entry]');
});

test.each([
  [['doctor', '--', 'make', 'coffee'], 'no program found in the command "make coffee"'],
  [['doctor', 'missing.js'], 'file not found: '],
  [['doctor'], 'no program found'],
])('where no program is found, as with %j, one line says what to do', async (args, reason) => {
  const { code, stdout, stderr } = await doctor(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^kafka-otel: .*\n$/);
  expect(stderr).toContain(reason);
});

test('in a project of Plug and Play, the doctor asks to be run by Yarn', async () => {
  mkdirSync(join(folder, 'pnp'));
  writeFileSync(join(folder, 'pnp/.pnp.cjs'), '');
  writeFileSync(join(folder, 'pnp/app.js'), '');
  const { code, stderr } = await doctor(['doctor', 'pnp/app.js']);
  expect(code).toBe(2);
  expect(stderr).toContain('Run: yarn kafka-otel doctor');
});

test('--help prints the usage', async () => {
  const { code, stdout } = await doctor(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: kafka-otel doctor /);
});
