// npm run bench -- [--rounds=15] [--only=<regular expression of cell names>] [--quick] [--targets]
import { parseArgs } from 'node:util';
import { provenance } from '../scripts/figures';
import { nameOf, type Cell } from './cell';
import { gatherGroups, withStarted } from './groups';
import { costTable, targetTable } from './report/tables';
import { resultsOf } from './results';
import { runRounds } from './rounds';
import { targets } from './targets';

const { values } = parseArgs({
  options: {
    /** Below 15 the intervals are wide, and nothing is written. */
    rounds: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    /** Short samples: to see that it works, not to believe. */
    quick: { type: 'boolean', default: false },
    /** Only the cells that targets are judged by. */
    targets: { type: 'boolean', default: false },
  },
});

/** Less warm-up than this and V8 has not compiled what is measured. */
const QUICK = { BENCH_WARM_UP: '300', BENCH_DURATION: '150' };

const judged = new Set(
  targets.flatMap(target => [target.cell, ...(target.kind === 'added' ? [target.without] : [])]),
);

function isChosen(cell: Cell): boolean {
  const name = nameOf(cell);
  return new RegExp(values.only).test(name) && (!values.targets || judged.has(name));
}

/** With another build beside ours, wherever ours runs. */
function withOther(cell: Cell): Cell {
  const isAsked = process.env['BENCH_OTHER'] !== undefined && cell.variants.includes('ours');
  return isAsked ? { ...cell, variants: [...cell.variants, 'other'] } : cell;
}

async function main(): Promise<void> {
  const groups = (await gatherGroups()).filter(group => group.cells.some(isChosen));
  const cells = groups.flatMap(group => group.cells.filter(isChosen)).map(withOther);
  const rounds = await withStarted(groups, env =>
    runRounds({
      cells,
      rounds: Number(values.rounds),
      options: { env: { ...env, ...(values.quick ? QUICK : {}) } },
    }),
  );
  const results = await resultsOf(cells, rounds, provenance());
  console.log(`\nCPU time per message in µs; allocated bytes per message. ${results.provenance}.\n`);
  console.log(await costTable(results.cells));
  console.log(`\n${await targetTable(results.verdicts)}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
