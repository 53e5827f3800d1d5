import type { Cell } from '../../../bench/cell';
import { runInLanes } from '../../../bench/lanes';

const cell = (path: string, isBusy = false): Cell => ({
  group: 'group',
  path,
  mode: 'metrics',
  variants: ['ours'],
  file: 'none.cjs',
  cost: 1,
  isBusy,
});

test('each cell runs once, and those that keep a broker busy never at the same time', async () => {
  const cells = [cell('a', true), cell('b'), cell('c', true), cell('d'), cell('e')];
  const ran: string[] = [];
  let busy = 0;
  await runInLanes(cells, async ({ path, isBusy }) => {
    if (isBusy) busy++;
    expect(busy).toBeLessThanOrEqual(1);
    await new Promise(setImmediate);
    if (isBusy) busy--;
    ran.push(path);
  });
  expect(ran.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
});
