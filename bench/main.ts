// npm run bench -- [--rounds=15] [--only=<regular expression of cell names>] [--targets] [--quick] [--line=3] [--resume] | --profile
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { provenance, writeFigures } from '../scripts/figures';
import { nameOf, type Cell, type Variant } from './cell';
import { gatherGroups, withStarted, type Group } from './groups';
import { KeptRounds } from './kept';
import { lineOf, versionsOf } from './lines/line';
import { profile, type Shares } from './profile';
import { writePage } from './report/page';
import { profileTable } from './report/profile';
import { scaleTable } from './report/scale';
import { costTable, floorTable, rowTable, targetTable } from './report/tables';
import { compareFloors } from './report/yardstick';
import { resultsOf, type Results } from './results';
import { runRounds } from './rounds';
import type { SampleOptions } from './run-sample';
import { targets } from './targets';

const root = join(__dirname, '..');

const { values } = parseArgs({
  options: {
    /** Below 15 the intervals are wide, and nothing is written. */
    rounds: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    /** Only the cells that targets are judged by. */
    targets: { type: 'boolean', default: false },
    /** Go on with what was measured of this very build, by a run that was interrupted or that runs beside this one. */
    resume: { type: 'boolean', default: false },
    /** Measure no more cells, and take those of an interrupted run as they are, however few their rounds. */
    measured: { type: 'boolean', default: false },
    /** Instead of measuring, say whose code the time goes to; of the cells whose targets need explaining, unless others are chosen. */
    profile: { type: 'boolean', default: false },
    /** Short samples: to see that it works, not to believe. */
    quick: { type: 'boolean', default: false },
    /** The line of OpenTelemetry's SDK: `2` is what is installed here, `3` is installed on demand with a newer Node.js. */
    line: { type: 'string', default: '2' },
  },
});

/** Less warm-up than this and V8 has not compiled what is measured. */
const QUICK = { BENCH_WARM_UP: '300', BENCH_DURATION: '150' };

const rounds = Number(values.rounds);

/** Only a run of everything says anything about everything, and may replace the figures of the last one. */
const isPublished = rounds >= 15 && values.only === '' && !values.targets && !values.quick;
const isWhole = isPublished && values.line === '2';

/** On another line it is the SDK that differs, and that shows best beside stubs: the rest is measured where it is asked for. */
const OF_OTHER_LINE = /^in-process\/(send \d+|eachMessage|eachBatch \d+ distinct)\/sampled$/;

/** The cells that are profiled: one for each kind of target that is missed. */
const EXPLAINED = [
  'broker/eachMessage 100 B/metrics',
  'in-process/send 1/sampled',
  'in-process/eachMessage/metrics',
];

const judged = new Set(
  targets.flatMap(target => [target.cell, ...(target.kind === 'added' ? [target.without] : [])]),
);

function isChosen(cell: Cell): boolean {
  const name = nameOf(cell);
  if (values.profile && values.only === '') return EXPLAINED.includes(name);
  if (values.line !== '2' && values.only === '') return OF_OTHER_LINE.test(name);
  return new RegExp(values.only).test(name) && (!values.targets || judged.has(name));
}

/** Enough to see what size a figure has that nothing is judged by. */
const FEW = 3;

/** So many times the rounds make an interval narrower by two fifths. */
const MORE = 3;

/** A run of everything would take for ever if it were as exact everywhere. */
function roundsOf(cell: Cell): number {
  if (values.measured) return 0;
  if (values.only !== '') return rounds;
  if (!judged.has(nameOf(cell))) return Math.min(FEW, rounds);
  return cell.isUnsteady ? rounds * MORE : rounds;
}

/** With another build beside ours, wherever ours runs. */
function withOther(cell: Cell): Cell {
  const isAsked = process.env['BENCH_OTHER'] !== undefined && cell.variants.includes('ours');
  return isAsked ? { ...cell, variants: [...cell.variants, 'other'] } : cell;
}

async function main(): Promise<void> {
  const all = await gatherGroups();
  const groups = all.filter(group => group.cells.some(isChosen));
  const cells = groups.flatMap(group => group.cells.filter(isChosen)).map(withOther);
  const line = lineOf(values.line);
  if (values.profile) {
    await withStarted(groups, env => explain(cells, { ...line, env: { ...env, ...line.env } }));
    return;
  }
  const kept = new KeptRounds(
    JSON.stringify([values.quick, values.line, process.env['BENCH_OTHER']]),
    values.resume || values.measured,
  );
  const lacking = (cell: Cell) => isChosen(cell) && kept.of(nameOf(cell)).length < roundsOf(cell);
  const needed = groups.filter(group => group.cells.some(lacking));
  const measured = await withStarted(needed, env =>
    runRounds({
      cells,
      roundsOf,
      kept,
      options: { ...line, env: { ...env, ...line.env, ...(values.quick ? QUICK : {}) } },
    }),
  );
  const rows = isWhole ? await rowsOf(all) : [];
  const results = await resultsOf({ cells, rounds: measured, rows, provenance: provenance() });
  await print(results);
  if (isWhole) console.log((await write(results)).map(file => `wrote ${file}`).join('\n'));
  else if (isPublished) console.log(`wrote ${await writeLine(results)}`);
}

async function explain(cells: readonly Cell[], options: SampleOptions): Promise<void> {
  const parts = [`${provenance()}. One sample of each, so whole percents are the most that may be read.`];
  for (const cell of cells) {
    const shares = new Map<Variant, Shares>();
    for (const variant of ['bare', 'floor', 'official', 'ours'] as const)
      if (cell.variants.includes(variant)) shares.set(variant, await profile(cell, variant, options));
    parts.push(`\`${nameOf(cell)}\`:`, await profileTable(shares));
  }
  console.log(parts.join('\n\n'));
  if (values.only === '') console.log(`wrote ${writeFigures('performance', 'profile', parts.join('\n\n'))}`);
}

async function rowsOf(groups: readonly Group[]) {
  const rows = [];
  for (const group of groups) rows.push(...((await group.rows?.(rounds, () => undefined)) ?? []));
  return rows;
}

async function print(results: Results): Promise<void> {
  console.log(`\nCPU time per message in µs, allocated bytes per message. ${results.provenance}.\n`);
  const scale = results.cells.filter(({ group }) => group === 'scale');
  const others = results.cells.filter(({ group }) => group !== 'scale');
  const floors = compareFloors(results);
  const tables = [
    others.length > 0 ? await costTable(others) : '',
    scale.length > 0 ? await scaleTable(scale) : '',
    results.verdicts.length > 0 ? await targetTable(results.verdicts) : '',
    floors.length > 0 ? await floorTable(floors) : '',
    results.rows.length > 0 ? await rowTable(results.rows) : '',
  ];
  console.log(tables.filter(table => table !== '').join('\n\n'));
}

async function write(results: Results): Promise<string[]> {
  const file = join('bench', 'results', 'latest.json');
  mkdirSync(join(root, 'bench', 'results'), { recursive: true });
  writeFileSync(join(root, file), `${JSON.stringify(results, undefined, 2)}\n`);
  return [file, ...(await writePage(results, root))];
}

async function writeLine({ provenance, rounds, cells }: Results): Promise<string> {
  const from = `${provenance}, ${rounds} paired rounds; the samples ran on ${versionsOf(values.line)}.`;
  return writeFigures('performance', `line-${values.line}`, `${from}\n\n${await costTable(cells)}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
