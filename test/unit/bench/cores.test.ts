import type { Cell } from '../../../bench/cell';
import { runOnCores } from '../../../bench/cores';

const cell = (path: string): Cell => ({
  group: 'group',
  path,
  mode: 'metrics',
  variants: ['ours'],
  file: 'none.cjs',
  cost: 1,
});

test('each cell runs once, and never two on the same core', async () => {
  const cells = ['a', 'b', 'c', 'd', 'e'].map(cell);
  const ran: string[] = [];
  const busy = new Set<unknown>();
  await runOnCores(cells, async ({ path }, core) => {
    expect(busy.has(core)).toBe(false);
    busy.add(core);
    await new Promise(setImmediate);
    busy.delete(core);
    ran.push(path);
  });
  expect(ran.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
});
