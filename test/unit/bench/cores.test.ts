import type { Benchmark } from '../../../bench/benchmark';
import { runOnCores } from '../../../bench/cores';

const benchmark = (path: string): Benchmark => ({
  group: 'group',
  path,
  mode: 'metrics',
  variants: ['ours'],
  file: 'none.cjs',
  cost: 1,
});

test('each benchmark runs once, and never two on the same core', async () => {
  const benchmarks = ['a', 'b', 'c', 'd', 'e'].map(benchmark);
  const ran: string[] = [];
  const busy = new Set<unknown>();
  await runOnCores(benchmarks, async ({ path }, core) => {
    expect(busy.has(core)).toBe(false);
    busy.add(core);
    await new Promise(setImmediate);
    busy.delete(core);
    ran.push(path);
  });
  expect(ran.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
});
