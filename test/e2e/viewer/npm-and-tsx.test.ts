import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot, startProgram } from '../../support/program';
import { createTopics } from '../../support/topics';

const fixture = (name: string): string => join(projectRoot, 'fixtures', 'viewer', name);

let topics: Record<'script' | 'typescript', string>;
let folder: string;
beforeAll(async () => {
  topics = await createTopics({ script: 1, typescript: 1 });
  folder = mkdtempSync(join(tmpdir(), 'viewer-npm-'));
  const start = `node "${fixture('round-trip.cjs')}"`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'my-shop', scripts: { start } }));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.concurrent.each([
  ['npm start', 'script', () => folder, ['npm', '--silent', 'start'], 'my-shop', 'received one\n'],
  [
    'tsx',
    'typescript',
    () => projectRoot,
    ['npx', 'tsx', fixture('round-trip.ts')],
    '@org/kafka-otel',
    'received one\nTypeScript\n',
  ],
] as const)(
  'a program that %s starts is traced in one trace',
  async (_, name, cwd, command, service, stdout) => {
    const topic = topics[name];
    const viewer = startProgram({
      execArgv: ['--require', require.resolve('tsx/cjs')],
      args: [join(projectRoot, 'viewer', 'src', 'cli.ts'), '--port', '0', '--', ...command],
      cwd: cwd(),
      env: { KAFKA_BROKERS: process.env['KAFKA_BROKERS'], TOPIC: topic, EXIT_CODE: '3' },
    });
    const { code } = await viewer.exit;
    expect({ code, stdout: viewer.stdout }).toEqual({ code: 3, stdout });
    const tree = viewer.stderr.split('\n\n').find(text => text.includes(`send ${topic}`));
    expect(tree).toMatch(/^trace \w+ {2}2 spans · 1 service/);
    expect(tree).toMatch(new RegExp(`send ${topic} +${service} +producer`));
    expect(tree).toMatch(new RegExp(`└─ process ${topic} +${service} +consumer`));
  },
);
