import { estimate, type Estimate } from './statistics';

/** A figure of its own: not the cost of a message, and so without variants side by side. */
export interface Row extends Estimate {
  readonly what: string;
  readonly unit: 'ms' | 'modules' | 'bytes';
}

/** A figure that is the same every time. */
export const exactly = (what: string, unit: Row['unit'], value: number): Row => ({
  what,
  unit,
  median: value,
  low: value,
  high: value,
});

/** A figure that is not; none where there are no values. */
export async function rowOf(what: string, unit: Row['unit'], values: readonly number[]): Promise<Row[]> {
  const estimated = await estimate(values);
  return estimated ? [{ what, unit, ...estimated }] : [];
}
