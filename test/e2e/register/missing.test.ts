import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot, registerPath } from '../../support/program';
import { useRegister } from './running';

const { run, temporaryFolder } = useRegister();

describe('what is missing or broken', () => {
  /** Installs only this package and its dependencies, without its optional peer dependencies. */
  function installAlone(): string {
    const folder = temporaryFolder();
    const home = join(folder, 'node_modules/@org/kafka-otel');
    cpSync(dirname(registerPath), join(home, 'dist'), { recursive: true });
    cpSync(join(projectRoot, 'package.json'), join(home, 'package.json'));
    for (const name of withDependencies('.', new Set(['@opentelemetry/api']))) {
      cpSync(join(projectRoot, 'node_modules', name), join(folder, 'node_modules', name), {
        recursive: true,
      });
    }
    return folder;
  }

  function withDependencies(folder: string, names: Set<string>): Set<string> {
    const manifest = readFileSync(join(projectRoot, folder, 'package.json'), 'utf8');
    const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
    for (const name of Object.keys(dependencies)) {
      if (names.has(name)) continue;
      names.add(name);
      withDependencies(join('node_modules', name), names);
    }
    return names;
  }

  const runIn = (cwd: string) =>
    run({
      args: ['-e', 'console.log("ran")'],
      cwd,
      execArgv: ['--require', '@org/kafka-otel/register'],
    });

  /**
   * Writes an SDK into a folder.
   *
   * @param start - body of its method `start`
   */
  function installSdk(folder: string, start: string): void {
    const sdk = join(folder, 'node_modules/@opentelemetry/sdk-node');
    mkdirSync(sdk, { recursive: true });
    writeFileSync(join(sdk, 'index.js'), `exports.NodeSDK = class { start() { ${start} } };`);
  }

  test('without sdk-node, one line names it and the program runs on, instrumented', async () => {
    const folder = installAlone();
    const result = await runIn(folder);
    expect(result).toMatchObject({
      code: 0,
      stdout: 'ran\n',
      stderr:
        'kafka-otel: warning: @opentelemetry/sdk-node is not installed: no telemetry leaves this process. ' +
        'Run `npm install @opentelemetry/sdk-node`\n',
    });
  });

  test('where nothing can be added to the global object, one line says so and the program runs on', async () => {
    const result = await run({
      file: 'fixtures/register/warns.cjs',
      execArgv: ['--require', './fixtures/register/fixed-global.cjs', '--require', registerPath],
    });
    expect(result).toMatchObject({ code: 0, stdout: 'only this\n' });
    expect(result.stderr).toMatch(/^kafka-otel: not started, [^\n]*not extensible[^\n]*\n$/);
  });

  test('without the API package, one line says so and the program runs on', async () => {
    const folder = installAlone();
    rmSync(join(folder, 'node_modules/@opentelemetry/api'), { recursive: true });
    const result = await runIn(folder);
    expect(result).toMatchObject({ code: 0, stdout: 'ran\n' });
    expect(result.stderr).toMatch(/^kafka-otel: not started, [^\n]*@opentelemetry\/api[^\n]*\n$/);
  });

  test('an SDK that cannot be started costs one line, not the program', async () => {
    const folder = installAlone();
    installSdk(folder, 'throw new Error("out of order");');
    const result = await runIn(folder);
    expect(result).toMatchObject({
      code: 0,
      stdout: 'ran\n',
      stderr:
        'kafka-otel: error: the OpenTelemetry SDK could not be started, so no telemetry leaves this process. ' +
        'Run `npx @org/kafka-otel doctor` to check the installed @opentelemetry packages and the OTEL_* variables. The error: out of order\n',
    });
  });

  test('an SDK that does not read OTEL_CONFIG_FILE is started without it, and one line says so', async () => {
    const folder = installAlone();
    installSdk(folder, 'console.log("started");');
    const result = await run({
      args: ['-e', 'console.log("ran")'],
      cwd: folder,
      execArgv: ['--require', '@org/kafka-otel/register'],
      env: { OTEL_CONFIG_FILE: 'otel.yaml' },
    });
    expect(result).toMatchObject({ code: 0, stdout: 'started\nran\n' });
    expect(result.stderr).toMatch(/^kafka-otel: warning: OTEL_CONFIG_FILE is not read by [^\n]+\n$/);
  });

  test('sdk-node is also found where the application has it', async () => {
    const app = temporaryFolder();
    const apart = installAlone();
    installSdk(app, 'console.log("started");');
    const register = join(apart, 'node_modules/@org/kafka-otel/dist/register.js');
    const script = join(app, 'main.cjs');
    writeFileSync(script, 'console.log("ran")');
    const options = { file: script, execArgv: ['--require', register] };
    for (const cwd of [app, tmpdir()])
      expect(await run({ ...options, cwd })).toMatchObject({ stdout: 'started\nran\n', stderr: '' });
  });
});
