import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../support/program';
import { run } from './support/run';
import { createTopics } from './support/topics';
import { processed, sent } from './support/whole';

const fixture = (name: string) => join(projectRoot, 'fixtures', 'loading', name);
const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('kafkajs loaded late with createRequire is traced', async () => {
  const { late } = await createTopics(['late']);
  const ran = await run({
    file: fixture('late.cjs'),
    execArgv: ['--require', fixture('tracing.cjs')],
    env: { TOPIC: late.name },
    job: 'go',
  });
  expect(ran.spans).toEqual([sent(late), processed(late)]);
  expect(ran.stderr).toBe('');
});

test('a copy in another module registry is traced once after instrumentModule, even if called twice', async () => {
  const { registry } = await createTopics(['registry']);
  const ran = await run({ file: fixture('registry.cjs'), env: { TOPIC: registry.name } });
  expect(ran.spans).toEqual([sent(registry), processed(registry)]);
  expect(ran.stderr).toBe('');
});

test('a minified bundle of everything is traced with instrumentModule, without any node_modules', async () => {
  const { bundle } = await createTopics(['bundle']);
  const outfile = join(folder, 'bundle.cjs');
  execFileSync(process.execPath, [fixture('bundle.cjs'), outfile]);
  const ran = await run({ file: outfile, cwd: folder, env: { TOPIC: bundle.name } });
  expect(ran.spans).toEqual([sent(bundle), processed(bundle)]);
  expect(ran.stderr).toBe('');
});
