import { most } from './verdict';
import type { Run } from './run';

/** All runs of one program with one fault. */
export interface Row {
  readonly name: string;
  readonly bare: readonly Run[];
  readonly instrumented: readonly Run[];
  readonly violations: readonly string[];
}

export function cells(rows: readonly Row[]): string[][] {
  const head = [
    'fault',
    'runs',
    'outcomes of calls, bare',
    'outcomes of calls, instrumented',
    'most deliveries of one message, bare / instrumented',
    'spans started',
    'spans left open',
    'result',
  ];
  return [head, ...rows.map(cellsOf)];
}

function cellsOf({ name, bare, instrumented, violations }: Row): string[] {
  const spans = instrumented.flatMap(run => run.spans ?? []);
  const running = instrumented.reduce((sum, run) => sum + run.running, 0);
  const open = spans.reduce((sum, { open }) => sum + open.length, 0);
  return [
    name,
    String(instrumented.length),
    kinds(bare),
    kinds(instrumented),
    deliveries(bare, instrumented),
    String(spans.reduce((sum, { started }) => sum + started, 0)),
    running > 0 && open === running ? `${open} (handlers still running)` : String(open),
    violations.length === 0 ? 'as bare' : `**${violations.join('; ')}**`,
  ];
}

function deliveries(bare: readonly Run[], instrumented: readonly Run[]): string {
  const counts = [...bare, ...instrumented].some(({ delivered }) => Object.keys(delivered).length > 0);
  return counts ? `${most(bare)} / ${most(instrumented)}` : '–';
}

/** Number of different outcomes for each kind of call. `verdict.ts` compares the outcomes themselves. */
function kinds(runs: readonly Run[]): string {
  const counts = new Map<string, Set<string>>();
  for (const { outcomes } of runs)
    for (const [name, list] of Object.entries(outcomes))
      for (const outcome of list) {
        const kind = /^(resolved|rejected|threw)/.exec(outcome)?.[0] ?? 'other';
        counts.set(kind, (counts.get(kind) ?? new Set()).add(`${name}: ${outcome}`));
      }
  return [...counts].map(([kind, { size }]) => `${size} ${kind}`).join(', ') || '–';
}
