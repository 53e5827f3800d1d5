import type { Entry } from './session';
import type { Described, Observation } from './observe';

/** Outcomes of calls, in the order of the table columns. */
const OUTCOMES = [
  'resolved',
  'rejected by kafkajs',
  'rejected otherwise',
  "rejected with the program's own",
  'returned or threw at once',
  'never settled',
  'crashed',
] as const;

type Outcome = (typeof OUTCOMES)[number];

/** Counts programs by their kind, their values and the outcomes of their calls. */
export class OutcomeCounts {
  readonly #kinds = new Map<string, Map<string, number>>();
  readonly #classes = new Map<string, Map<string, number>>();
  #total = 0;

  add({ kind, classes }: Described, bare: Observation): void {
    this.#total++;
    const outcomes = new Set(['cases', ...outcomesOf(bare)]);
    count(this.#kinds, kind, outcomes);
    for (const each of new Set(classes)) count(this.#classes, each, outcomes);
  }

  get total(): number {
    return this.#total;
  }

  /** Counts a program once in every column that one of its calls belongs to. */
  kinds(): Promise<string> {
    return table('program', this.#kinds);
  }

  classes(): Promise<string> {
    return table('with', this.#classes);
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
  if (how === 'returned' || how === 'threw') return 'returned or threw at once';
  if (how === 'pending') return 'never settled';
  if (typeof what === 'string' && what.startsWith('own #')) return "rejected with the program's own";
  const { of = '' } = { ...(what as { of?: string } | undefined) };
  return of.startsWith('KafkaJS') ? 'rejected by kafkajs' : 'rejected otherwise';
}

/** A Markdown table. The first column is text, all others are numbers. */
export async function markdown(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  return markdownTable([head, ...rows], { align: head.map((_, column) => (column === 0 ? 'l' : 'r')) });
}

function table(title: string, rows: ReadonlyMap<string, ReadonlyMap<string, number>>): Promise<string> {
  const sorted = [...rows].sort(([, one], [, other]) => (other.get('cases') ?? 0) - (one.get('cases') ?? 0));
  const columns = ['cases', ...OUTCOMES];
  return markdown(
    [title, ...columns],
    sorted.map(([name, counts]) => [name, ...columns.map(column => String(counts.get(column) ?? 0))]),
  );
}
