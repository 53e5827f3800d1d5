import type { Cell } from './cell';
import { usableCores } from './cores';

/** Cells that run at a time, each on a core of its own. */
const MOST_LANES = 4;

type Core = ReturnType<typeof usableCores>[number];

/**
 * Runs each of these cells once, on several processor cores at a time. Those that keep another process busy take the first lane, one after
 * the other.
 */
export async function runInLanes(
  cells: readonly Cell[],
  run: (cell: Cell, core: Core) => Promise<void>,
): Promise<void> {
  const busy = cells.filter(({ isBusy }) => isBusy);
  const others = cells.filter(({ isBusy }) => !isBusy);
  const lane = async (core: Core, index: number) => {
    for (const queue of index === 0 ? [busy, others] : [others])
      for (let cell = queue.pop(); cell; cell = queue.pop()) await run(cell, core);
  };
  await Promise.all(usableCores().slice(0, MOST_LANES).map(lane));
}
