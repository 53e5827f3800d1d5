import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandsInProse, commandsOf, type Command } from '../../docs/commands';
import { ROOT, readPage, readPages } from '../../docs/pages';
import { createSandbox } from '../../docs/sandbox';
import { startCollector } from '../../support/collector';
import { otlpEnvironment } from '../../support/program';
import { createTopics } from '../../support/topics';

const FIXTURES = join(ROOT, 'fixtures', 'docs');

/** Pages whose programs are run by tests in other folders. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/getting-started.md': 'test/e2e/docs',
  'docs/bundlers.md': 'test/e2e/loaders',
  'docs/containers.md': 'test/e2e/containers',
  'docs/express-fastify.md': 'test/e2e/examples',
  'docs/nestjs.md': 'test/e2e/examples',
  'docs/nextjs.md': 'test/loaders',
};

const pages = readPages().filter(
  ({ path }) => /^(?:README\.md|docs\/)/.test(path) && !Object.hasOwn(ELSEWHERE, path),
);

test('pages that are skipped here are tested in the named folders', () => {
  const untested = readPages()
    .map(({ path }) => [path, ELSEWHERE[path]] as const)
    .filter(([, folder]) => folder !== undefined && !existsSync(join(ROOT, folder)));
  expect(untested).toEqual([]);
});

const inFences = pages
  .flatMap(page => page.fences)
  .filter(({ language }) => language === 'sh')
  .flatMap(commandsOf);

/**
 * Commands that start the program of the reader, without duplicates. If NODE_OPTIONS is set without a command, a plain
 * start is added.
 */
const starts = new Map(
  [...inFences, ...pages.flatMap(commandsInProse)].flatMap((command): [string, Command][] => {
    const [program, first] = command.words;
    if (program === undefined && 'NODE_OPTIONS' in command.environment)
      return [[`${command.text} node app.js`, command]];
    const isStart = program === 'node' && /\.m?js$/.test(command.words.at(-1) ?? '') && first !== undefined;
    return isStart ? [[command.text.replace(/\s+/g, ' '), command]] : [];
  }),
);

const sandbox = createSandbox();
for (const file of readdirSync(FIXTURES)) sandbox.write(file, readFileSync(join(FIXTURES, file), 'utf8'));
sandbox.write('tracing.js', ownSdk('docs/own-sdk.md'));
afterAll(() => {
  sandbox.remove();
});

/** Returns the first file on the page that starts an SDK. */
function ownSdk(path: string): string {
  const fence = readPage(path).fences.find(({ text }) => text.includes('sdk.start()'));
  if (fence === undefined) throw new Error(`${path} does not start an SDK`);
  return fence.text;
}

/** Runs the line once in the sandbox and returns the exported spans. */
async function exportedBy(line: string) {
  const { sent } = await createTopics({ sent: 1 });
  const collector = await startCollector();
  try {
    const { code, output } = await sandbox.type(line, {
      ...otlpEnvironment(collector),
      KAFKA_BROKERS: process.env['KAFKA_BROKERS'] ?? '',
      TOPIC: sent,
    });
    expect({ code, output }).toEqual({ code: 0, output: '' });
    const spans = collector.spans.filter(({ scope }) => scope === '@org/kafka-otel');
    return spans.map(({ name }) => name.replace(sent, '{topic}'));
  } finally {
    await collector.close();
  }
}

test('the pages show several ways to start a program', () => {
  expect(starts.size).toBeGreaterThan(4);
});

test.each([...starts.keys()])('%s traces the program', async line => {
  expect(await exportedBy(line)).toEqual(['send {topic}']);
});

test('a start without the flag exports no spans', async () => {
  expect(await exportedBy('node app.js')).toEqual([]);
});

test('the bundler command on the page produces a traced program', async () => {
  const command = inFences.find(({ words }) => words[0] === 'esbuild');
  expect(command).toBeDefined();
  const bundled = await sandbox.type(`${command?.text ?? ''} --log-level=error`, {});
  expect(bundled).toEqual({ code: 0, output: '' });
  expect(await exportedBy('node --require @org/kafka-otel/register dist/app.js')).toEqual(['send {topic}']);
});

test('the doctor accepts every command on the pages', async () => {
  sandbox.write('package.json', JSON.stringify({ name: 'reader', main: 'app.js' }));
  sandbox.write('dist/worker.js', "require('kafkajs');\n");
  const calls = [...inFences, ...pages.flatMap(commandsInProse)].filter(
    ({ words: [program, name, verb] }) =>
      program === 'npx' && name === '@org/kafka-otel' && verb === 'doctor',
  );
  const lines = new Set(calls.map(({ words: [, , ...args] }) => args.join(' ')));
  expect(lines.size).toBeGreaterThan(2);
  const results = await Promise.all(
    [...lines].map(args =>
      sandbox.type(`node node_modules/@org/kafka-otel/dist/doctor.js ${args} --offline`, {}),
    ),
  );
  // With the exit codes 0 and 1, the doctor has found the program and has a result.
  expect(results.filter(({ code }) => code !== 0 && code !== 1)).toEqual([]);
});
