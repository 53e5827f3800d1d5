// What the package costs before the first message: a second kind of result, rows instead of cells. A row is one figure with its
// interval, and says in words what it is about. All differences are taken within a round.
import type { Cell } from '../cell';
import { loadingRows } from './loading';
import { memoryRows } from './memory';
import type { Row } from '../row';
import { sizeRows } from './sizes';

export const cells: readonly Cell[] = [];

/**
 * Measures start-up, memory of idle clients and sizes; a round takes about 8 s. `dist/` must be built.
 *
 * @param onRound - told after each of the rounds, of which there are twice as many: start-up first, then memory
 */
export async function rows(
  rounds: number,
  onRound: (round: number) => void = () => undefined,
): Promise<Row[]> {
  const loading = await loadingRows(rounds, onRound);
  const memory = await memoryRows(rounds, round => {
    onRound(rounds + round);
  });
  return [...loading, ...memory, ...sizeRows()];
}
