// Measures the cost of the package before the first message: start-up time, memory and size. There are no workloads here, only single
// values. Values that are compared are measured in the same round.
import type { Benchmark } from '../benchmark';
import { loadingRows } from './loading';
import { memoryRows } from './memory';
import type { Row } from '../row';
import { sizeRows } from './sizes';

export const benchmarks: readonly Benchmark[] = [];

/**
 * Measures start-up time, memory of idle clients, and sizes. A round takes about 8 s. Needs `dist/`.
 *
 * @param onRound - called after every round: first `rounds` times for start-up, then `rounds` times for memory
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
