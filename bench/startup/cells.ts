// The cost of the package before the first message. The results are rows (single figures) instead of cells. Differences are taken
// within a round.
import type { Cell } from '../cell';
import { loadingRows } from './loading';
import { memoryRows } from './memory';
import type { Row } from '../row';
import { sizeRows } from './sizes';

export const cells: readonly Cell[] = [];

/**
 * Measures start-up, memory of idle clients, and sizes. A round takes about 8 s. Needs `dist/`.
 *
 * @param onRound - called after every round: `rounds` times for start-up, then `rounds` times for memory
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
