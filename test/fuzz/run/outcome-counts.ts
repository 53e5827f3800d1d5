import type { Entry } from './session';
import type { Described, Observation } from './observe';

/** Possible outcomes of calls, in the order of the table columns. */
const OUTCOMES = [
  'resolved',
  'rejected by kafkajs',
  'rejected with another error',
  "rejected with the program's own error",
  'returned or threw synchronously',
  'never settled',
  'crashed',
] as const;

type Outcome = (typeof OUTCOMES)[number];

/**
 * Counts programs by outcome, separately for each kind of program and each kind of value. A program with several
 * outcomes counts once for each of them.
 */
export class OutcomeCounts {
  readonly #kinds = new Map<string, Map<string, number>>();
  readonly #classes = new Map<string, Map<string, number>>();
  #total = 0;

  add({ kind, classes }: Described, bare: Observation): void {
    this.#total++;
    const outcomes = new Set(['programs', ...outcomesOf(bare)]);
    count(this.#kinds, kind, outcomes);
    for (const each of new Set(classes)) count(this.#classes, each, outcomes);
  }

  get total(): number {
    return this.#total;
  }

  kinds(): Promise<string> {
    return table('kind of program', this.#kinds);
  }

  classes(): Promise<string> {
    return table('programs that use', this.#classes);
  }
}

function count(rows: Map<string, Map<string, number>>, row: string, columns: ReadonlySet<string>): void {
  const counts = rows.get(row) ?? new Map<string, number>();
  rows.set(row, counts);
  for (const column of columns) counts.set(column, (counts.get(column) ?? 0) + 1);
}

function outcomesOf({ calls, log }: Observation): Outcome[] {
  const housekeeping = new Set(['connect', 'disconnect', 'subscribe', 'fetchTopicMetadata']);
  const found = calls.filter(([name]) => !housekeeping.has(name)).map(outcomeOf);
  return log.some(([what]) => what === 'crash') ? [...found, 'crashed'] : found;
}

function outcomeOf([, how, what]: Entry): Outcome {
  if (how === 'resolved' || how === 'forgotten') return 'resolved';
  if (how === 'returned' || how === 'threw') return 'returned or threw synchronously';
  if (how === 'pending') return 'never settled';
  if (typeof what === 'string' && what.startsWith('own #')) return "rejected with the program's own error";
  const { of = '' } = { ...(what as { of?: string } | undefined) };
  return of.startsWith('KafkaJS') ? 'rejected by kafkajs' : 'rejected with another error';
}

/** Creates a Markdown table. The first column contains text, all other columns contain numbers. */
export async function markdown(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  return markdownTable([head, ...rows], { align: head.map((_, column) => (column === 0 ? 'l' : 'r')) });
}

function table(title: string, rows: ReadonlyMap<string, ReadonlyMap<string, number>>): Promise<string> {
  const sorted = [...rows].sort(
    ([, one], [, other]) => (other.get('programs') ?? 0) - (one.get('programs') ?? 0),
  );
  const columns = ['programs', ...OUTCOMES];
  return markdown(
    [title, ...columns],
    sorted.map(([name, counts]) => [name, ...columns.map(column => String(counts.get(column) ?? 0))]),
  );
}
