import { estimate, type Estimate } from './statistics';

/** A measured value that has no variants, for example a package size. */
export interface Row extends Estimate {
  readonly what: string;
  readonly unit: 'ms' | 'modules' | 'bytes';
}

export const exactRow = (what: string, unit: Row['unit'], value: number): Row => ({
  what,
  unit,
  median: value,
  low: value,
  high: value,
});

/** Creates a row with the median of the values. Returns an empty list if there are no values. */
export async function estimatedRow(
  what: string,
  unit: Row['unit'],
  values: readonly number[],
): Promise<Row[]> {
  const estimated = await estimate(values);
  return estimated ? [{ what, unit, ...estimated }] : [];
}
