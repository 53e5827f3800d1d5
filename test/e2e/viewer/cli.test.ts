import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { projectRoot, startProgram, type Program } from '../../support/program';
import { createTopics } from '../../support/topics';
import type { Update } from '../../../viewer/src/page-data';

const CLI = join(projectRoot, 'viewer', 'src', 'cli.ts');
const program = (extension: 'cjs' | 'mjs') => join('fixtures', 'viewer', `round-trip.${extension}`);

let topics: Record<'cjs' | 'mjs' | 'script' | 'first' | 'second' | 'stays' | 'sampled', string>;
beforeAll(async () => {
  topics = await createTopics({ cjs: 1, mjs: 1, script: 1, first: 1, second: 1, stays: 1, sampled: 1 });
});

/** Starts the viewer from its source. */
const startViewer = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Program =>
  startProgram({
    execArgv: ['--require', 'tsx/cjs'],
    args: [CLI, ...args],
    env: { KAFKA_BROKERS: process.env['KAFKA_BROKERS'] ?? '', ...env },
  });

const addressIn = async (viewer: Program): Promise<string> =>
  (await viewer.line(/live: (http:\/\/127\.0\.0\.1:\d+)/))[1] ?? '';

test.concurrent.each([
  ['a CommonJS program', 'cjs', ['node', program('cjs')]],
  ['an ES module', 'mjs', ['node', program('mjs')]],
  ['a program that another command starts', 'script', ['npm', 'exec', '--call', `node ${program('cjs')}`]],
] as const)('%s runs with its output and exit status, and its trace is printed', async (_, name, command) => {
  const viewer = startViewer(['--port', '0', '--', ...command], { TOPIC: topics[name], EXIT_CODE: '7' });
  const { code } = await viewer.exit;
  expect({ code, stdout: viewer.stdout }).toEqual({ code: 7, stdout: 'received one\n' });
  expect(viewer.stderr).toContain(`send ${topics[name]}`);
  expect(viewer.stderr).toContain(`process ${topics[name]}`);
  expect(viewer.stderr).not.toContain('tcp.connect');
});

test('a signal reaches the program, and the viewer ends as the program does', async () => {
  const viewer = startViewer(['--port', '0', '--', 'node', program('cjs')], {
    TOPIC: topics.stays,
    STAYS: 'yes',
  });
  await viewer.line('received one');
  viewer.kill('SIGTERM');
  expect((await viewer.exit).signal).toBe('SIGTERM');
  expect(viewer.stderr).toContain(`process ${topics.stays}`);
});

test('a second viewer joins the first one, and its traces are on the page of the first', async () => {
  const first = startViewer(['--port', '0', '--keep', '--', 'node', program('cjs')], { TOPIC: topics.first });
  const address = await addressIn(first);
  await first.line('The page stays');
  const second = startViewer(['--port', new URL(address).port, '--', 'node', program('cjs')], {
    TOPIC: topics.second,
  });
  expect((await second.exit).code).toBe(0);
  expect(second.stderr).toContain(`A viewer is running already: ${address}`);
  await first.line(`process ${topics.second}`);
  const response = await fetch(`${address}/traces?topic=${topics.second}`);
  expect(await response.json()).toMatchObject({ matches: 1, traces: [{ keys: ['order-1'], spans: 2 }] });
  const attached = startViewer(['--port', new URL(address).port, '--attach']);
  expect((await attached.exit).code).toBe(0);
  expect(attached.stderr).toContain(`A viewer is running already: ${address}`);
  first.kill('SIGINT');
  expect((await first.exit).code).toBe(0);
});

/** The complete data that a page gets when it opens. */
async function snapshotOf(address: string): Promise<Update> {
  const response = await fetch(`${address}/events`);
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const [, data] = /^data: (.*)\n\n/m.exec(text) ?? [];
    if (data !== undefined) return JSON.parse(data) as Update;
  }
  throw new Error(`the page got no data: ${text}`);
}

test('without spans, the map and the durations of a consumer group come from metrics', async () => {
  const viewer = startViewer(['--port', '0', '--', 'node', program('cjs')], {
    TOPIC: topics.sampled,
    STAYS: 'yes',
    OTEL_TRACES_SAMPLER: 'always_off',
  });
  const address = await addressIn(viewer);
  await viewer.line('received one');
  const deadline = Date.now() + 60_000;
  let seen = await snapshotOf(address);
  while (seen.groups[0]?.processing === undefined && Date.now() < deadline) {
    await setTimeout(100);
    seen = await snapshotOf(address);
  }
  expect(seen).toMatchObject({
    stored: { spans: 0 },
    groups: [{ group: topics.sampled, processing: { count: 1, source: 'metrics' } }],
  });
  expect(seen.map.edges).toMatchObject([{ kind: 'send', total: 1 }, { kind: 'receive' }, { kind: 'run' }]);
  viewer.kill('SIGTERM');
  expect((await viewer.exit).signal).toBe('SIGTERM');
});

test('a port that another program uses is refused with the reason', async () => {
  const server = createServer((_, response) => response.end('{}'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const viewer = startViewer(['--port', String(port), '--', 'node', '-e', '0']);
    expect((await viewer.exit).code).toBe(1);
    expect(viewer.stderr).toContain(`port ${port} is in use`);
  } finally {
    server.close();
  }
});

/** Takes a port for a program that accepts connections and never answers. */
const silentServer = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createTcpServer();
    server.once('error', reject).listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });

test('while a program on the port does not answer, the viewer says what it waits for, and then goes on', async () => {
  const server = await silentServer(0);
  const { port } = server.address() as AddressInfo;
  try {
    const viewer = startViewer(['--port', String(port), '--', 'node', '-e', '0']);
    await viewer.line(
      `Another program uses port ${port}. Waiting up to 5 s for its answer, in case it is a viewer …`,
    );
    expect(viewer.stderr).not.toContain('is in use');
    expect((await viewer.exit).code).toBe(1);
    expect(viewer.stderr).toContain(`port ${port} is in use`);
  } finally {
    server.close();
  }
});

test('if another program uses the default port, the viewer takes a free one and says so', async () => {
  // A collector of this machine may use the port already.
  const server = await silentServer(4318).catch(() => undefined);
  try {
    const viewer = startViewer(['--', 'node', '-e', '0']);
    const address = await addressIn(viewer);
    expect(new URL(address).port).not.toBe('4318');
    expect(viewer.stderr).toContain('Port 4318 is used by another program');
    expect((await viewer.exit).code).toBe(0);
  } finally {
    server?.close();
  }
});

test('a command that does not exist is refused with its name', async () => {
  const viewer = startViewer(['--port', '0', '--', 'no-such-command', 'app.js']);
  expect((await viewer.exit).code).toBe(127);
  expect(viewer.stderr).toContain('the command no-such-command was not found');
});

test.each([
  ['SIGHUP', 'SIGHUP'],
  ['SIGINT', 'SIGINT'],
] as const)('%s reaches the program too', async (_, signal) => {
  const viewer = startViewer([
    '--port',
    '0',
    '--',
    'node',
    '-e',
    `process.once('${signal}', () => process.exit(9)); console.log('started'); setInterval(() => {}, 1e6)`,
  ]);
  await viewer.line('started');
  viewer.kill(signal);
  expect(await viewer.exit).toMatchObject({ code: 9, signal: null });
});

test('the viewer ends with the signal that ended the program by itself', async () => {
  const viewer = startViewer(['--port', '0', '--', 'node', '-e', `process.kill(process.pid, 'SIGKILL')`]);
  expect((await viewer.exit).signal).toBe('SIGKILL');
});

test.each([
  [['node', 'app.js'], 'write `--` before the command'],
  [[], 'The command is missing'],
  [['--prot', '1', '--', 'node', 'app.js'], '--prot'],
])('wrong usage is refused: %j', async (args, reason) => {
  const viewer = startViewer(args);
  expect((await viewer.exit).code).toBe(2);
  expect(viewer.stderr).toContain(reason);
});
