import { estimate, type Estimate } from './statistics';

/** A measured value that is not a cost per message and has no variants, for example a package size. */
export interface Row extends Estimate {
  readonly what: string;
  readonly unit: 'ms' | 'modules' | 'bytes';
}

/** A row for a value that does not vary between runs. */
export const exactRow = (what: string, unit: Row['unit'], value: number): Row => ({
  what,
  unit,
  median: value,
  low: value,
  high: value,
});

/** A row with the median of measured values. Returns an empty list if there are none. */
export async function estimatedRow(
  what: string,
  unit: Row['unit'],
  values: readonly number[],
): Promise<Row[]> {
  const estimated = await estimate(values);
  return estimated ? [{ what, unit, ...estimated }] : [];
}
