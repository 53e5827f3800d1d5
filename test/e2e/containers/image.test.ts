import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';
import { projectRoot, startProgram } from '../../support/program';
import { buildImage, type Image } from './support/build';
import { cases, moreCases } from './support/cases';
import { nodeOf, packProject, problems } from './support/npm';
import { kafkajs, layOutPrograms, run } from './support/programs';
import { runExample } from './support/example';
import { composeVolume, initContainer, inject, operator } from './support/wirings';

/** `CONTAINERS=all` runs every program on every Node.js, with and without the image. About five minutes. */
const everything = process.env['CONTAINERS'] === 'all';

const folder = mkdtempSync(join(tmpdir(), 'kafka-otel-containers-'));
const fixture = (name: string) => join(projectRoot, 'fixtures', name);
let image: Image;
let NODE_OPTIONS: string;

beforeAll(() => {
  const context = join(folder, 'context');
  cpSync(join(projectRoot, 'deploy/image'), context, { recursive: true });
  packProject(context);
  const work = join(folder, 'stages');
  mkdirSync(work);
  image = buildImage(context, work);
  NODE_OPTIONS = inject(operator, image, join(folder, 'injected'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the image', () => {
  const tree = () => {
    const root = join(image.root, 'autoinstrumentation');
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
    return names.map(name => ({ name, status: lstatSync(join(root, name)) }));
  };

  test('contains the complete entry and its packages, and does not run as root', () => {
    const root = join(image.root, 'autoinstrumentation');
    expect(readdirSync(root).sort()).toEqual(['autoinstrumentation.js', 'node_modules', 'package.json']);
    expect(image.user).toBe('65532:65532');
    // npm cannot check the tarball of this package, because the build has removed it.
    const found = problems(root).filter(problem => !problem.startsWith('invalid: @org/kafka-otel@'));
    expect(found).toEqual([]);
  });

  test('contains no binaries, no links and only world-readable files', () => {
    const odd = tree().filter(
      ({ name, status }) =>
        name.endsWith('.node') ||
        !(status.isFile() || status.isDirectory()) ||
        (status.mode & 0o444) !== 0o444 ||
        (status.isDirectory() && (status.mode & 0o111) !== 0o111),
    );
    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  test('is at most a quarter of the 200 MiB that the Operator allows', () => {
    const blocks = tree().reduce((sum, { status }) => sum + status.blocks, 0);
    expect(blocks * 512).toBeLessThan(50 * 2 ** 20);
  });
});

test.each([
  ['the Operator', operator],
  ['the init container of the manifest', initContainer()],
])('with %s, a program exports its spans', async (name, wiring) => {
  const { orders } = await createTopics(['orders']);
  const options = inject(wiring, image, join(folder, name.replace(/ /g, '-')));
  const cwd = layOutPrograms(folder, kafkajs);
  const result = await run({
    cwd,
    file: 'containers/plain.cjs',
    env: { NODE_OPTIONS: options, TOPIC: orders.name },
  });
  expect(result).toMatchObject({ code: 0, signal: null, stdout: 'RESULT ["hello"]\n', stderr: '' });
  expect(result.spans).toEqual([sent(orders), processed(orders)]);
});

test('the two services of the compose file export one trace', async () => {
  const { orders } = await createTopics(['orders']);
  const NODE_OPTIONS = inject(composeVolume(), image, join(folder, 'example'));
  const result = await runExample(folder, { NODE_OPTIONS, ORDERS_TOPIC: orders.name });
  expect(result).toEqual({
    sender: { service: 'orders', name: `send ${orders.name}`, parent: undefined },
    handler: { service: 'payments', name: `process ${orders.name}`, parent: `send ${orders.name}` },
    scopes: ['@org/kafka-otel'],
    ends: [
      { code: 0, signal: null },
      { code: 0, signal: null },
    ],
  });
});

const nodes = everything ? ['18.19.1', '20.20.2', '22.15.0', '24.18.0', '26.0.0'] : [process.versions.node];

describe.each(nodes)('on Node.js %s', version => {
  const node = () => (version === process.versions.node ? process.execPath : nodeOf(version));
  const [major = 0] = version.split('.').map(Number);
  const here = [...cases, ...(everything ? moreCases : [])].filter(({ nodeMajor = 0 }) => major >= nodeMajor);

  test.each(here)('$name is traced and behaves as without the image', async wanted => {
    const { orders, bare } = await createTopics(['orders', 'bare']);
    const cwd = layOutPrograms(folder, wanted.packages());
    const program = { cwd, node: node(), ...wanted.program };
    // Some programs start `node` from the PATH.
    const PATH = [dirname(node()), process.env['PATH']].join(delimiter);
    const env = { ...program.env, PATH };
    const result = await run({ ...program, env: { ...env, NODE_OPTIONS, TOPIC: orders.name } });
    expect(result.stderr).toMatch(wanted.stderr ?? /^$/);
    expect(result).toMatchObject({ code: 0, signal: null, stdout: 'RESULT ["hello"]\n' });
    expect(result.spans).toEqual(wanted.spans(orders));
    expect(result.services).toEqual([wanted.service ?? 'injected']);
    if (!everything) return;
    const { code, signal, stdout } = await run({ ...program, env: { ...env, TOPIC: bare.name } });
    expect({ code, signal, stdout }).toEqual({
      code: result.code,
      signal: result.signal,
      stdout: result.stdout,
    });
  });

  test('HTTP requests of an ES module are traced too, through the loader hook', async () => {
    const cwd = layOutPrograms(folder, {});
    const result = await run({ cwd, node: node(), file: 'register/http.mjs', env: { NODE_OPTIONS } });
    expect(result).toMatchObject({ code: 0, stdout: 'answered\n', stderr: '' });
    expect(result.scopes).toContain('@opentelemetry/instrumentation-http');
  });

  test('as PID 1, a program without a SIGTERM listener exits on SIGTERM after exporting all spans', async () => {
    const { orders } = await createTopics(['orders']);
    const result = await run({
      cwd: layOutPrograms(folder, kafkajs),
      node: node(),
      execArgv: ['--require', fixture('register/kill-has-no-effect.cjs')],
      file: 'containers/waits.cjs',
      endAfter: 'sent',
      env: { NODE_OPTIONS, TOPIC: orders.name },
    });
    expect(result).toMatchObject({ code: 143, signal: null, stdout: 'sent\n', stderr: '' });
    expect(result.spans).toEqual([sent(orders)]);
  });
});

describe('if it cannot start', () => {
  const prefix = 'kafka-otel: not started, the program runs without telemetry: ';

  test('an incomplete copy is reported in one line, and the program runs', async () => {
    const { orders } = await createTopics(['orders']);
    const copy = join(folder, 'incomplete.js');
    cpSync(join(image.root, 'autoinstrumentation/autoinstrumentation.js'), copy);
    const env = { NODE_OPTIONS: `--require ${copy}`, TOPIC: orders.name };
    const result = await run({ cwd: layOutPrograms(folder, kafkajs), file: 'containers/plain.cjs', env });
    expect(result).toMatchObject({ code: 0, stdout: 'RESULT ["hello"]\n', spans: [] });
    expect(result.stderr).toBe(`${prefix}Error: Cannot find module '@org/kafka-otel/register'\n`);
  });

  test.each([
    ['16.20.2', false],
    ['18.18.2', false],
    ['18.19.0', true],
    ['19.9.0', false],
    ['20.5.1', false],
    ['20.6.0', true],
    ['21.0.0', true],
    ['26.0.0', true],
  ])('Node.js %s is supported: %s', async (version, isTaken) => {
    const program = startProgram({
      args: ['-e', '0'],
      env: {
        NODE_OPTIONS: `--require ${fixture('containers/old-node.cjs')} ${NODE_OPTIONS}`,
        PRETENDED_VERSION: version,
        // This test checks only how the entry file decides.
        OTEL_SDK_DISABLED: 'true',
      },
    });
    await expect(program.exit).resolves.toMatchObject({ code: 0 });
    const refusal = `${prefix}Node.js ${version} is too old; it needs 18.19, 20.6 or newer\n`;
    expect(program.stderr).toBe(isTaken ? '' : refusal);
  });

  const tooOld = everything ? ['14.21.3', '16.20.2', '18.18.2'] : [];
  if (tooOld.length > 0)
    test.each(tooOld)('a program on Node.js %s runs as without the image', async version => {
      const { orders } = await createTopics(['orders']);
      const cwd = layOutPrograms(folder, kafkajs);
      const env = { NODE_OPTIONS, TOPIC: orders.name };
      const result = await run({ cwd, node: nodeOf(version), file: 'containers/plain.cjs', env });
      expect(result).toMatchObject({ code: 0, signal: null, stdout: 'RESULT ["hello"]\n', spans: [] });
      expect(result.stderr).toMatch(
        /^kafka-otel: not started.*is too old; it needs 18\.19, 20\.6 or newer\n$/,
      );
    });
});
