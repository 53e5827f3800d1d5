import { cpSync, existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { projectRoot, registerAlone, registerPath } from '../../support/program';
import { preload, useRegister } from './running';

const { received, run, stateOf, temporaryFolder } = useRegister();

describe('what is started', () => {
  test.each([['--require'], ['--import']])(
    '%s starts an SDK that sends the spans of the program',
    async flag => {
      const path = flag === '--import' ? `file://${registerPath}` : registerPath;
      // The installed files of the SDK, not the bundled ones.
      const env = { NODE_OPTIONS: undefined };
      expect(await run({ file: 'fixtures/register/span.cjs', execArgv: [flag, path], env })).toMatchObject({
        code: 0,
        stderr: '',
      });
      expect(received()).toEqual([expect.objectContaining({ name: 'work', service: 'program' })]);
    },
  );

  test('nothing at all with OTEL_SDK_DISABLED=true', async () => {
    expect(await stateOf({ env: { OTEL_SDK_DISABLED: 'true' } })).toEqual({
      sdk: false,
      openTelemetryLoaded: false,
      signalListeners: 0,
      esmHooks: false,
    });
  });

  test('once, however often and by whatever path it is loaded', async () => {
    const copy = join(temporaryFolder(), 'dist');
    cpSync(dirname(registerPath), copy, { recursive: true });
    symlinkSync(join(projectRoot, 'node_modules'), join(dirname(copy), 'node_modules'));
    const twice = [...preload, '--require', join(copy, 'register.js'), '--import', `file://${registerPath}`];
    const result = await run({ file: 'fixtures/register/http.mjs', execArgv: twice });
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: 'answered\n' });
    expect(
      received()
        .map(span => span.kind)
        .sort(),
    ).toEqual(['CLIENT', 'SERVER']);
  });

  test('a program on its own, with its worker threads, but not the loader thread of Node', async () => {
    const script = `
      const { Worker } = require('node:worker_threads');
      const work = "require('@opentelemetry/api').trace.getTracer('fixture').startSpan('in worker').end()";
      new Worker(work, { eval: true });`;
    expect(await run({ args: ['-e', script], execArgv: registerAlone })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(received().map(span => span.name)).toEqual(['in worker']);
  });

  test('not npm itself, but the program that npm runs', async () => {
    const project = temporaryFolder();
    const state = join(projectRoot, 'fixtures/register/state.cjs');
    const manifest = { name: 'project', version: '1.0.0', scripts: { state: `node ${state}` } };
    writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
    const places = (process.env.PATH ?? '').split(delimiter).map(place => join(place, 'npm'));
    const npm = places.find(place => existsSync(place)) ?? 'npm is not in PATH';
    const NODE_OPTIONS = `--require ${registerPath}`;
    const within = await run({
      file: npm,
      args: ['run', '--silent', 'state'],
      cwd: project,
      env: { NODE_OPTIONS },
    });
    expect(JSON.parse(within.stdout)).toMatchObject({ sdk: true });

    // npm sends HTTP requests too. Its command `version` is enough to see whether anything was loaded into npm.
    const spy = join(project, 'spy.cjs');
    writeFileSync(
      spy,
      'process.on("exit", () => console.error("signals", process.listenerCount("SIGTERM")))',
    );
    const itself = await run({
      file: npm,
      args: ['--version'],
      cwd: project,
      env: { NODE_OPTIONS: `${NODE_OPTIONS} --require ${spy}` },
    });
    expect(itself.stderr).toContain('signals 0');
  });
});

describe('a program with an SDK of its own', () => {
  test('is only attached to when it asks for it, and its SDK works', async () => {
    const env = { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' };
    const result = await run({ file: 'fixtures/register/own-sdk.cjs', execArgv: registerAlone, env });
    expect(result).toMatchObject({ code: 0, stdout: 'worked\n', stderr: '' });
    expect(received()).toEqual([expect.objectContaining({ name: 'own', service: 'own-sdk' })]);
    expect(await stateOf({ env })).toMatchObject({
      sdk: false,
      signalListeners: 0,
      openTelemetryLoaded: true,
    });
  });

  test('keeps the instrumentations of its own, and gets ours when it loads kafkajs', async () => {
    const env = { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' };
    const result = await run({ file: 'fixtures/register/own-http.cjs', execArgv: preload, env });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const server = received().find(({ kind }) => kind === 'SERVER');
    expect(
      received()
        .map(({ kind, name }) => `${kind} ${name}`)
        .sort(),
    ).toEqual(['CLIENT GET', 'PRODUCER send orders', 'SERVER GET']);
    expect(received().find(({ kind }) => kind === 'PRODUCER')?.parentSpanId).toBe(server?.spanId);
  });

  test('is only attached to when its SDK is there already', async () => {
    const execArgv = ['--require', './fixtures/register/starts-sdk.cjs', ...preload];
    expect(await stateOf({ execArgv })).toMatchObject({
      sdk: true,
      signalListeners: 0,
      openTelemetryLoaded: true,
    });
    const result = await run({ file: 'fixtures/register/ends-late.cjs', args: ['0', '300'], execArgv });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(received()[0]).toMatchObject({ name: 'early', service: 'tracing-js' });
  });

  const SECOND =
    /the program starts an OpenTelemetry SDK itself, but register has already started one, .* set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach\. .*\n/;

  test.each(['NodeSDK', 'NodeTracerProvider', 'setGlobalTracerProvider', 'each'])(
    'is told in one line that it starts a second one (%s)',
    async way => {
      const options = { file: 'fixtures/register/second-sdk.cjs', args: [way], execArgv: registerAlone };
      const { stderr, stdout, code } = await run(options);
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'worked\n' });
      expect(stderr).toMatch(new RegExp(`^kafka-otel: error: ${SECOND.source}$`));
      expect(received()).toEqual([expect.objectContaining({ name: 'work', service: 'program' })]);
    },
  );

  test.each([
    ['NodeSDK', { OTEL_LOG_LEVEL: 'warn' }],
    ['startNodeSDK', { OTEL_NODE_RESOURCE_DETECTORS: 'host' }],
  ])('is told once even if it replaces the logger first (%s)', async (way, env) => {
    const options = { file: 'fixtures/register/second-sdk.cjs', args: [way], execArgv: registerAlone, env };
    const { stderr, code } = await run(options);
    expect(code).toBe(0);
    expect(stderr.match(new RegExp(SECOND, 'g'))).toHaveLength(1);
    expect(stderr).not.toContain('Attempted duplicate registration');
  });

  test('is told that its own propagator has no effect', async () => {
    const options = {
      file: 'fixtures/register/second-sdk.cjs',
      args: ['propagator'],
      execArgv: registerAlone,
    };
    expect(await run(options)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /^kafka-otel: error: the program registers its own propagator, which has no effect: .*\n$/,
      ) as string,
    });
  });

  test('is not told so in attach mode, or if it starts the SDK before register', async () => {
    const file = 'fixtures/register/second-sdk.cjs';
    const env = { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' };
    const attached = await run({ file, args: ['NodeSDK'], execArgv: registerAlone, env });
    const earlier = await run({
      file: 'fixtures/register/span.cjs',
      execArgv: ['--require', './fixtures/register/starts-sdk.cjs', ...registerAlone],
    });
    expect([attached, earlier].map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
  });
});

describe('what is logged', () => {
  const file = 'fixtures/register/warns.cjs';

  test('warnings and errors, to stderr, without any variable', async () => {
    expect(await run({ file, execArgv: registerAlone })).toMatchObject({
      stdout: 'only this\n',
      stderr: 'kafka-otel: error: said as error the reason\nkafka-otel: warning: said as warning\n',
    });
  });

  test('more with OTEL_LOG_LEVEL, and still nothing to stdout', async () => {
    const { stdout, stderr } = await run({ file, execArgv: registerAlone, env: { OTEL_LOG_LEVEL: 'debug' } });
    expect(stdout).toBe('only this\n');
    expect(stderr).toContain('kafka-otel: info: said as info\nkafka-otel: debug: said as debug\n');
  });

  test('nothing with OTEL_LOG_LEVEL=none', async () => {
    expect(await run({ file, execArgv: registerAlone, env: { OTEL_LOG_LEVEL: 'none' } })).toMatchObject({
      stderr: '',
    });
  });

  test('a level that does not exist is named, and WARN is used', async () => {
    const { stderr } = await run({ file, execArgv: registerAlone, env: { OTEL_LOG_LEVEL: 'loud' } });
    expect(stderr).toMatch(
      /^kafka-otel: warning: OTEL_LOG_LEVEL is "LOUD", which is not allowed: WARN is used\. Allowed: NONE, ERROR/,
    );
    expect(stderr).not.toContain('said as info');
  });
});

describe('an ES module', () => {
  const file = 'fixtures/register/http.mjs';
  const kinds = () =>
    received()
      .map(span => span.kind)
      .sort();

  test('has its HTTP requests traced under plain --require', async () => {
    expect(await run({ file, execArgv: preload })).toMatchObject({
      code: 0,
      stdout: 'answered\n',
      stderr: '',
    });
    expect(kinds()).toEqual(['CLIENT', 'SERVER']);
  });

  test('has its HTTP requests traced under --import', async () => {
    expect(await run({ file, execArgv: ['--import', `file://${registerPath}`] })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(kinds()).toEqual(['CLIENT', 'SERVER']);
  });

  test('is left alone by the loader hook with OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER=false', async () => {
    const env = { OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER: 'false' };
    expect(await run({ file, execArgv: preload, env })).toMatchObject({ code: 0, stdout: 'answered\n' });
    expect(kinds()).not.toContain('SERVER');
  });
});

describe('OTEL_CONFIG_FILE', () => {
  const file = 'fixtures/register/span.cjs';

  test('configures the SDK', async () => {
    const env = { OTEL_CONFIG_FILE: 'fixtures/register/otel.yaml' };
    expect(await run({ file, execArgv: registerAlone, env })).toMatchObject({ code: 0, stderr: '' });
    expect(received()).toEqual([expect.objectContaining({ name: 'work', service: 'from-file' })]);
  });

  test('that cannot be read costs one line, not the program', async () => {
    const result = await run({ file, execArgv: registerAlone, env: { OTEL_CONFIG_FILE: 'absent.yaml' } });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toMatch(
      /^kafka-otel: error: Could not load OpenTelemetry configuration[^\n]*absent\.yaml'\n$/,
    );
    expect(received()).toEqual([]);
  });

  test('leaves no place for the sampling variable, which is said', async () => {
    const env = {
      OTEL_CONFIG_FILE: 'fixtures/register/otel.yaml',
      OTEL_INSTRUMENTATION_KAFKA_SAMPLING: 'clicks-*=0.01',
    };
    const { stderr } = await run({ file, execArgv: registerAlone, env });
    expect(stderr).toMatch(/^kafka-otel: warning: OTEL_INSTRUMENTATION_KAFKA_SAMPLING is ignored, [^\n]+\n$/);
  });
});

test('a short list of instrumentations loses none of them', async () => {
  const env = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg,kafkajs' };
  await run({ file: 'fixtures/register/http.mjs', execArgv: preload, env });
  expect(
    received()
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(['CLIENT', 'SERVER']);
});

test('the lists of auto-instrumentations-node are honoured', async () => {
  const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' };
  await run({ file: 'fixtures/register/http.mjs', execArgv: preload, env });
  expect(received()).toEqual([]);
});

test.each([
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,confluent-kafka-javascript,kafka' }, 2],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'kafka' }, 0],
  [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'confluent-kafka-javascript,http' }, 0],
])('those lists may name Kafka clients: %j', async (env, count) => {
  const { stderr } = await run({ file: 'fixtures/register/http.mjs', execArgv: preload, env });
  expect({ stderr, spans: received().length }).toEqual({ stderr: '', spans: count });
});

test('resource detectors are those of the environment', async () => {
  const env = { OTEL_NODE_RESOURCE_DETECTORS: 'env,host' };
  await run({ file: 'fixtures/register/span.cjs', execArgv: preload, env });
  expect(received().find(({ name }) => name === 'work')?.resource).toMatchObject({
    'host.name': expect.any(String) as string,
  });
});
