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

/** `CONTAINERS=all`: every program, on every Node.js, beside itself without the image. About five minutes. */
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

  test('holds the entry and its packages, whole, and is not run as root', () => {
    const root = join(image.root, 'autoinstrumentation');
    expect(readdirSync(root).sort()).toEqual(['autoinstrumentation.js', 'node_modules', 'package.json']);
    expect(image.user).toBe('65532:65532');
    // npm cannot look into the tarball that this package came in, and was removed.
    const found = problems(root).filter(problem => !problem.startsWith('invalid: @org/kafka-otel@'));
    expect(found).toEqual([]);
  });

  test('fits every platform and every user: no binary, no link, nothing that others cannot read', () => {
    const odd = tree().filter(
      ({ name, status }) =>
        name.endsWith('.node') ||
        !(status.isFile() || status.isDirectory()) ||
        (status.mode & 0o444) !== 0o444 ||
        (status.isDirectory() && (status.mode & 0o111) !== 0o111),
    );
    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  test('takes a quarter of the 200 MiB that the Operator has for it', () => {
    const blocks = tree().reduce((sum, { status }) => sum + status.blocks, 0);
    expect(blocks * 512).toBeLessThan(50 * 2 ** 20);
  });
});

test.each([
  ['the Operator', operator],
  ['the init container of the manifest', initContainer()],
])('%s makes a program tell its spans', async (name, wiring) => {
  const { orders } = await createTopics(['orders']);
  const options = inject(wiring, image, join(folder, name.replace(/ /g, '-')));
  const cwd = layOutPrograms(folder, kafkajs);
  const told = await run({
    cwd,
    file: 'containers/plain.cjs',
    env: { NODE_OPTIONS: options, TOPIC: orders.name },
  });
  expect(told).toMatchObject({ code: 0, signal: null, stdout: 'RESULT ["hello"]\n', stderr: '' });
  expect(told.spans).toEqual([sent(orders), processed(orders)]);
});

test('the services of the compose file tell one trace, of two services', async () => {
  const { orders } = await createTopics(['orders']);
  const NODE_OPTIONS = inject(composeVolume(), image, join(folder, 'example'));
  const told = await runExample(folder, { NODE_OPTIONS, ORDERS_TOPIC: orders.name });
  expect(told).toEqual({
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

  test.each(here)('$name is traced and behaves as ever', async wanted => {
    const { orders, bare } = await createTopics(['orders', 'bare']);
    const cwd = layOutPrograms(folder, wanted.packages());
    const program = { cwd, node: node(), ...wanted.program };
    // For what starts Node.js by its name.
    const PATH = [dirname(node()), process.env['PATH']].join(delimiter);
    const env = { ...program.env, PATH };
    const told = await run({ ...program, env: { ...env, NODE_OPTIONS, TOPIC: orders.name } });
    expect(told.stderr).toMatch(wanted.stderr ?? /^$/);
    expect(told).toMatchObject({ code: 0, signal: null, stdout: 'RESULT ["hello"]\n' });
    expect(told.spans).toEqual(wanted.spans(orders));
    expect(told.services).toEqual([wanted.service ?? 'injected']);
    if (!everything) return;
    const { code, signal, stdout } = await run({ ...program, env: { ...env, TOPIC: bare.name } });
    expect({ code, signal, stdout }).toEqual({ code: told.code, signal: told.signal, stdout: told.stdout });
  });

  test('an ES module has its HTTP traced too, which needs the loader hook', async () => {
    const cwd = layOutPrograms(folder, {});
    const told = await run({ cwd, node: node(), file: 'register/http.mjs', env: { NODE_OPTIONS } });
    expect(told).toMatchObject({ code: 0, stdout: 'answered\n', stderr: '' });
    expect(told.scopes).toContain('@opentelemetry/instrumentation-http');
  });

  test('as PID 1, a program that does not listen to SIGTERM ends by it, with all its spans told', async () => {
    const { orders } = await createTopics(['orders']);
    const told = await run({
      cwd: layOutPrograms(folder, kafkajs),
      node: node(),
      execArgv: ['--require', fixture('register/kill-has-no-effect.cjs')],
      file: 'containers/waits.cjs',
      endAfter: 'sent',
      env: { NODE_OPTIONS, TOPIC: orders.name },
    });
    expect(told).toMatchObject({ code: 143, signal: null, stdout: 'sent\n', stderr: '' });
    expect(told.spans).toEqual([sent(orders)]);
  });
});

describe('where it cannot start', () => {
  const prefix = 'kafka-otel: not started, the program runs without telemetry: ';

  test('an incomplete copy is told of in one line, and the program runs', async () => {
    const { orders } = await createTopics(['orders']);
    const copy = join(folder, 'incomplete.js');
    cpSync(join(image.root, 'autoinstrumentation/autoinstrumentation.js'), copy);
    const env = { NODE_OPTIONS: `--require ${copy}`, TOPIC: orders.name };
    const told = await run({ cwd: layOutPrograms(folder, kafkajs), file: 'containers/plain.cjs', env });
    expect(told).toMatchObject({ code: 0, stdout: 'RESULT ["hello"]\n', spans: [] });
    expect(told.stderr).toBe(`${prefix}Error: Cannot find module '@org/kafka-otel/register'\n`);
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
  ])('Node.js %s is taken: %s', async (version, isTaken) => {
    const program = startProgram({
      args: ['-e', '0'],
      env: {
        NODE_OPTIONS: `--require ${fixture('containers/old-node.cjs')} ${NODE_OPTIONS}`,
        PRETENDED_VERSION: version,
        // What the entry decides is all that matters here.
        OTEL_SDK_DISABLED: 'true',
      },
    });
    await expect(program.exit).resolves.toMatchObject({ code: 0 });
    const refusal = `${prefix}Node.js ${version} is too old; it needs 18.19, 20.6 or newer\n`;
    expect(program.stderr).toBe(isTaken ? '' : refusal);
  });

  const tooOld = everything ? ['14.21.3', '16.20.2', '18.18.2'] : [];
  if (tooOld.length > 0)
    test.each(tooOld)('a program on Node.js %s runs as ever', async version => {
      const { orders } = await createTopics(['orders']);
      const cwd = layOutPrograms(folder, kafkajs);
      const env = { NODE_OPTIONS, TOPIC: orders.name };
      const told = await run({ cwd, node: nodeOf(version), file: 'containers/plain.cjs', env });
      expect(told).toMatchObject({ code: 0, signal: null, stdout: 'RESULT ["hello"]\n', spans: [] });
      expect(told.stderr).toMatch(/^kafka-otel: not started.*is too old; it needs 18\.19, 20\.6 or newer\n$/);
    });
});
