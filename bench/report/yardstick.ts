import type { CellResult, Results } from '../results';

/** What the elementary operations and two floors made of them cost where they were measured first, in µs: SDK 2.12.1, Node.js 20.20.2. */
const REFERENCE = {
  elementary: { span: 1.54, inject: 0.11, extract: 0.39 },
  floors: [
    { cell: 'in-process/send 1/sampled', name: 'produce, sampled', micros: 2.33, copies: 1 },
    { cell: 'in-process/send 1/off', name: 'produce, dropped by the sampler', micros: 0.98, copies: 1 },
    { cell: 'in-process/eachMessage/sampled', name: 'process, sampled', micros: 3.43, copies: 0 },
    {
      cell: 'in-process/eachMessage/unsampled',
      name: 'process, parent not sampled',
      micros: 1.74,
      copies: 0,
    },
  ],
} as const;

/** How far the floor may be from the reference. */
const TOLERANCE = 0.3;

export interface Comparison {
  readonly name: string;
  /** Of the reference, at the speed of this machine now; with the copy of the message, which the reference did not make. */
  readonly expected: number;
  readonly measured: number;
  /** Without what the stubs and the loop around them cost. */
  readonly agrees: boolean;
}

/**
 * Holds the floor against the one that was measured before this package was written. The same operations of the SDK are timed in
 * the floor's own processes, so that a slower machine is told from a fatter floor.
 */
export function compareFloors({ cells, copy }: Results): Comparison[] {
  const find = (name: string) => cells.find(cell => cell.name === name);
  return REFERENCE.floors.flatMap(({ cell: name, copies, ...floor }) => {
    const cell = find(name);
    const speed = cell && speedOf(cell);
    const cpu = cell?.variants.floor?.['cpu']?.median;
    if (speed === undefined || cpu === undefined) return [];
    const bare = find(`in-process/${cell?.path ?? ''}/sampled`)?.variants.bare?.['cpu']?.median ?? 0;
    const expected = floor.micros * speed + copies * copy;
    const measured = cpu - bare;
    return [{ name: floor.name, expected, measured, agrees: Math.abs(measured / expected - 1) <= TOLERANCE }];
  });
}

/** How much slower this machine is; a span's cost tells best, but only where it is recorded. */
function speedOf(cell: CellResult): number | undefined {
  const figures = cell.variants.floor;
  const isRecorded = cell.mode === 'sampled' || cell.mode === 'metrics';
  const operations = isRecorded ? (['span', 'extract'] as const) : (['extract'] as const);
  let [now, then] = [0, 0];
  for (const operation of operations) {
    const median = figures?.[operation]?.median;
    if (median === undefined) return undefined;
    now += median;
    then += REFERENCE.elementary[operation];
  }
  return now / then;
}
