import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot, startProgram } from '../../support/program';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'doctor-')));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function doctor(args: readonly string[], execArgv: readonly string[] = []) {
  const program = startProgram({
    execArgv,
    args: [join(projectRoot, 'dist/doctor.js'), ...args],
    cwd: folder,
  });
  const { code } = await program.exit;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

test('there is a line for each finding, and a closing sentence', async () => {
  cpSync(join(projectRoot, 'fixtures/doctor/bare'), join(folder, 'bare'), { recursive: true });
  const { code, stdout, stderr } = await doctor(['doctor', '--offline', 'bare/app.js']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines[0]).toBe(`ok       Node.js ${process.versions.node}`);
  expect(lines).toContain(
    'problem  kafkajs is not installed where the program finds it: there is nothing to trace. ' +
      'Run `npm install`, or name the entry of the service that uses kafkajs.',
  );
  expect(lines.slice(-3)).toEqual(['', 'No spans of kafkajs would leave app.js: 3 problems to fix.', '']);
});

test('what it looks at is not loaded, and neither is OpenTelemetry', async () => {
  const project = join(projectRoot, 'fixtures/tracing.cjs');
  const listing = ['--require', join(projectRoot, 'fixtures/doctor/loaded-files.cjs')];
  const { stderr } = await doctor(['doctor', '--offline', project], listing);
  const loaded = JSON.parse(stderr) as string[];
  expect(loaded.length).toBeGreaterThan(10);
  const foreign = /node_modules.(kafkajs|@opentelemetry.(?!api.|semantic-conventions.))|fixtures.tracing/;
  expect(loaded.filter(file => foreign.test(file))).toEqual([]);
});

test.each([
  [[], 'no command'],
  [['diagnose'], 'no such command: diagnose'],
  [['doctor', '--loud'], "Unknown option '--loud'"],
  [['doctor', 'a.js', 'b.js'], 'one entry, please, not also b.js'],
  [['doctor', 'missing.js'], 'there is no'],
  [['doctor'], 'no program found'],
])('wrong usage %j ends with 2 and says how it is called', async (args, reason) => {
  const { code, stdout, stderr } = await doctor(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(`kafka-otel: ${reason}`);
  expect(stderr).toContain('Usage: kafka-otel doctor [options] [entry]');
});

test('asked for help, it says how it is called', async () => {
  const { code, stdout } = await doctor(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: kafka-otel doctor /);
});
