import type { Cell } from './cell';
import { usableCores } from './cores';

/** Cells that run at a time, each on a core of its own. */
const MOST_LANES = 4;

type Core = ReturnType<typeof usableCores>[number];

/** Runs each of these cells once, in this order, on several processor cores at a time. */
export async function runInLanes(
  cells: readonly Cell[],
  run: (cell: Cell, core: Core) => Promise<void>,
): Promise<void> {
  const waiting = [...cells].reverse();
  const lane = async (core: Core) => {
    for (let cell = waiting.pop(); cell; cell = waiting.pop()) await run(cell, core);
  };
  await Promise.all(usableCores().slice(0, MOST_LANES).map(lane));
}
