import type { CellResult } from '../results';
import { short, withInterval } from './tables';

/** Creates a table that shows how the cost grows, for example with the number of partitions. Every step has a row. */
export async function scaleTable(cells: readonly CellResult[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const median = (cell: CellResult, variant: 'official' | 'ours', field: string) => {
    const value = cell.variants[variant]?.[field];
    return value ? short(value.median) : '';
  };
  return markdownTable(
    [
      ['path', 'official, µs', 'ours, µs', 'ours × official', 'one collection, ms', 'series'],
      ...cells.map(cell => [
        cell.path,
        median(cell, 'official', 'cpu'),
        median(cell, 'ours', 'cpu'),
        withInterval(cell.ratios.official),
        median(cell, 'ours', 'collect'),
        median(cell, 'ours', 'series'),
      ]),
    ],
    { align: ['l', 'r', 'r', 'r', 'r', 'r'] },
  );
}

/** Messages per second of the example service. */
const MESSAGES_PER_SECOND = 100_000;

/** Creates a table with the number of CPU cores that each instrumentation needs at that rate, without kafkajs itself. */
export async function loadTable(cells: readonly CellResult[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const cores = (cell: CellResult, variant: 'official' | 'ours') => {
    const micros = cell.variants[variant]?.['cpu']?.median;
    return micros === undefined ? '' : short((micros * MESSAGES_PER_SECOND) / 1e6);
  };
  return markdownTable(
    [
      ['path', 'mode', 'official, cores', 'ours, cores'],
      ...cells.map(cell => [cell.path, cell.mode, cores(cell, 'official'), cores(cell, 'ours')]),
    ],
    { align: ['l', 'l', 'r', 'r'] },
  );
}
