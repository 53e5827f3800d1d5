import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TraceList } from '../../../viewer/src/page-data';
import { npmProgram } from '../../packed/npm';
import { projectRoot, startProgram } from '../../support/program';
import { createTopics } from '../../support/topics';
import { poll } from './poll';

const MODULES = join(projectRoot, 'node_modules');

interface Packed {
  readonly filename: string;
}

/** Puts the files of a package that npm would publish into a project. Its dependencies are those of the repository. */
function install(source: string, project: string): void {
  const { name, dependencies } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', project];
  const [packed] = JSON.parse(
    execFileSync(process.execPath, [npmProgram(), ...args], { cwd: source, encoding: 'utf8' }),
  ) as Packed[];
  const target = join(project, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', join(project, packed?.filename ?? ''), '--strip-components=1', '-C', target]);
  for (const dependency of Object.keys(dependencies).filter(each => !each.startsWith('@org/')))
    link(dependency, project);
}

function link(name: string, project: string): void {
  const place = join(project, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  rmSync(place, { force: true });
  symlinkSync(join(MODULES, name), place);
}

let topic: string;
let project: string;
beforeAll(async () => {
  ({ orders: topic } = await createTopics({ orders: 1 }));
  project = mkdtempSync(join(tmpdir(), 'viewer-packed-'));
  execFileSync(process.execPath, [join(projectRoot, 'scripts', 'viewer.mjs')], { cwd: projectRoot });
  install(projectRoot, project);
  install(join(projectRoot, 'viewer'), project);
  for (const name of ['kafkajs', '@opentelemetry/api-logs']) link(name, project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'my-shop' }));
  cpSync(join(projectRoot, 'fixtures', 'viewer', 'round-trip.cjs'), join(project, 'app.cjs'));
}, 120_000);
afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

test('the published files of both packages show a program on the page, with one command', async () => {
  const viewer = startProgram({
    // npx runs this file.
    file: join('node_modules', '@org', 'kafka-otel-viewer', 'dist', 'cli.js'),
    args: ['--port', '0', '--', 'node', 'app.cjs'],
    cwd: project,
    env: { KAFKA_BROKERS: process.env['KAFKA_BROKERS'], TOPIC: topic, STAYS: 'yes' },
  });
  const [, url = ''] = await viewer.line(/live: (http:\/\/127\.0\.0\.1:\d+)/);
  const list = await poll<TraceList>(`${url}/traces?topic=${topic}`, ({ traces }) =>
    traces.some(({ spans }) => spans === 2),
  );
  expect(list.traces).toMatchObject([{ name: `send ${topic}`, service: 'my-shop' }]);
  for (const path of ['/', '/main.js', '/theme.css', '/vendor/uplot.js', '/vendor/dagre.js'])
    expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
  viewer.kill('SIGTERM');
  expect((await viewer.exit).signal).toBe('SIGTERM');
});
