import { HELP, readArguments } from '../../../viewer/src/cli/arguments';
import { commandEnvironment, serviceName } from '../../../viewer/src/cli/environment';
import { printTrees } from '../../../viewer/src/cli/trees';
import { handFed } from './hand-fed';
import { span } from './story';

const defaults = { port: undefined, spanLimit: 50_000, trees: true, keep: false, open: false };

test('everything after -- is the command', () => {
  expect(readArguments(['--no-tree', '--port', '9', '--', 'node', 'app.js', '--keep'])).toEqual({
    ...defaults,
    does: 'run',
    port: 9,
    trees: false,
    command: ['node', 'app.js', '--keep'],
  });
  expect(readArguments(['--attach'])).toEqual({ ...defaults, does: 'attach' });
});

test.each([
  [['--colour', '--', 'node'], "Unknown option '--colour'"],
  [['node', 'app.js'], 'write `--` before the command'],
  [[], 'The command is missing'],
  [['--'], 'The command is missing'],
  [['--port', 'x', '--', 'node'], '--port must be a number'],
  [['--max-spans', '1', '--', 'node'], '--max-spans must be a number'],
  [['--attach', '--', 'node'], '--attach runs no command'],
])('wrong usage is refused: %j', (argv, reason) => {
  expect(readArguments(argv)).toEqual({ does: 'refuse', reason: expect.stringContaining(reason) as string });
});

test('the help names every option', () => {
  for (const option of ['attach', 'port', 'keep', 'open', 'no-tree', 'max-spans', 'version', 'help'])
    expect(HELP).toContain(`--${option} `);
});

test('the command exports only to the viewer, and keeps its own Node.js options and name', () => {
  const outer = {
    NODE_OPTIONS: '--max-old-space-size=99',
    OTEL_SERVICE_NAME: 'mine',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://elsewhere.example',
    OTEL_EXPORTER_OTLP_HEADERS: 'key=secret',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_CONFIG_FILE: 'sdk.yaml',
  };
  const env = commandEnvironment(['node', 'app.js'], 'http://127.0.0.1:4318', outer, process.cwd());
  expect(env).toMatchObject({
    OTEL_SERVICE_NAME: 'mine',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    OTEL_TRACES_EXPORTER: 'otlp',
    NODE_OPTIONS: expect.stringMatching(/^--max-old-space-size=99 --require ".*register\.js"$/) as string,
  });
  expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['OTEL_CONFIG_FILE']));
  expect(JSON.stringify(env)).not.toMatch(/elsewhere|secret/);
});

test('a service has the name in its package.json', () => {
  expect(serviceName(['node', 'demo/main.ts'], process.cwd())).toBe('@org/kafka-otel');
  expect(serviceName(['node', 'app.js'], '/')).toBe('node');
});

test.each([
  [6, '1 more trace is on the page.'],
  [7, '2 more traces are on the page.'],
])('of %i traces that end at once, five are printed and the others are counted', (count, rest) => {
  const printed: string[] = [];
  const store = handFed();
  const trees = printTrees(store, text => printed.push(text), { width: 100, colours: false });
  store.arrive(
    Array.from({ length: count }, (_, n) =>
      span({
        id: `span-${n}`,
        trace: `trace-${n}`,
        name: 'poll',
        service: 'shop',
        kind: 'INTERNAL',
        ms: [0, 1],
      }),
    ),
  );
  trees.stop();
  expect(printed).toHaveLength(6);
  expect(printed.at(-1)).toBe(`\n${rest}`);
});

test('traces that are printed at once are in the order of their start, not of their arrival', () => {
  const printed: string[] = [];
  const store = handFed();
  const trees = printTrees(store, text => printed.push(text), { width: 100, colours: false });
  const trace = (id: string, start: number) =>
    span({ id, trace: id, name: id, service: 'shop', kind: 'INTERNAL', ms: [start, 90] });
  store.arrive([trace('second', 20), trace('third', 30), trace('first', 10)]);
  trees.stop();
  expect(printed.map(text => /\n(\w+) +shop/.exec(text)?.[1])).toEqual(['first', 'second', 'third']);
});
