import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../support/program';
import { run, type Ran } from './support/run';
import { createTopics, readBack, type Topic } from './support/topics';
import { processed, sent } from './support/whole';

const folder = mkdtempSync(join(tmpdir(), 'copies-'));
let topic: Topic;
let ran: Ran;

beforeAll(async () => {
  const copies = ['one', 'other'].map(name => join(folder, name, 'node_modules', 'kafkajs'));
  for (const copy of copies) cpSync(dirname(require.resolve('kafkajs')), copy, { recursive: true });
  ({ switched: topic } = await createTopics(['switched']));
  ran = await run({
    file: `${projectRoot}/fixtures/loading/switch.cjs`,
    env: { TOPIC: topic.name, COPIES: copies.join() },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('two copies of kafkajs in one process are both traced', () => {
  expect(ran.results).toEqual([{ sameClass: false }]);
  expect(ran.stderr).toBe('');
});

test('disable() and enable() take effect at once on existing clients, and active spans still end', () => {
  const traced = [0, 1, 4, 5];
  expect(ran.spans.filter(({ kind }) => kind === 'PRODUCER')).toEqual(
    traced.map(offset => sent(topic, offset)),
  );
  expect(ran.spans.filter(({ kind }) => kind !== 'PRODUCER')).toEqual(
    traced.map(offset => processed(topic, offset)),
  );
});

test('no headers are written while the instrumentation is disabled', async () => {
  const stored = await readBack(topic, 6);
  expect(stored.map(({ value, headers }) => [value, Object.keys(headers)])).toEqual([
    ['enabled 0', ['traceparent']],
    ['enabled 1', ['traceparent']],
    ['disabled 0', []],
    ['disabled 1', []],
    ['again 0', ['traceparent']],
    ['again 1', ['traceparent']],
  ]);
});
