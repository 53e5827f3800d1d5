import { cells } from '../../../bench/in-process/cells';
import { nameOf, type Cell, type Sample, type Variant } from '../../../bench/cell';
import { runSample } from '../../../bench/run-sample';

/** What one round of a path has asked of the SDK, and what came of it. */
export interface Observed {
  /** Messages. */
  readonly units: number;
  readonly calls: Readonly<Record<'startSpan' | 'inject' | 'extract' | 'record' | 'add', number>>;
  readonly spans: readonly object[];
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
  /** How often headers of a batch were read before its handler was called. */
  readonly readsBefore?: number;
}

/** The cell of the bench with this path and mode. */
export function cellOf(path: string, mode: string): Cell {
  const name = `in-process/${path}/${mode}`;
  const cell = cells.find(candidate => nameOf(candidate) === name);
  if (!cell) throw new Error(`the bench has no cell ${name}`);
  return cell;
}

const observed = new Map<string, Promise<Observed>>();

/** Runs a path once, however often a test file asks. */
export async function observe(path: string, mode: string, variant: Variant): Promise<Observed> {
  const key = [path, mode, variant].join('/');
  const known = observed.get(key);
  if (known) return known;
  const running = runSample(cellOf(path, mode), variant, { env: { BENCH_OBSERVE: '1' } });
  observed.set(key, running as Promise<unknown> as Promise<Observed>);
  return (await running) as unknown as Observed;
}

/** Samples that take a moment: enough for V8 to compile what is measured, too short for figures that go into a table. */
export async function sampleShortly(
  path: string,
  mode: string,
  variant: Variant,
  countsAllocation = false,
): Promise<Sample> {
  const env = { BENCH_WARM_UP: '600', BENCH_DURATION: '150', BENCH_YARDSTICK: 'no' };
  return runSample(cellOf(path, mode), variant, { env, countsAllocation });
}
