// Measures the cost of the package before the first message: start-up time, memory and size.
import type { Benchmark } from '../benchmark';
import { loadingRows } from './loading';
import { memoryRows } from './memory';
import type { Row } from '../row';
import { sizeRows } from './sizes';

export const benchmarks: readonly Benchmark[] = [];

/**
 * Measures start-up time, memory of idle clients, and sizes. A round takes about 8 s. Needs `dist/`.
 *
 * @param onRound - called `2 * rounds` times: first for the start-up time, then for the memory
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
