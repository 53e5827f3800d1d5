// `npm run bench -- [--rounds=15] [--only=<regular expression of benchmark names>] [--targets] [--quick] [--line=3]
// [--scale] [--client=confluent] [--resume] | --profile`. The terms are defined in `benchmark.ts`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { provenance, writeFigures } from '../scripts/figures';
import { nameOf, type Benchmark, type Client, type Variant } from './benchmark';
import { loadGroups, withGroupsStarted, type Group } from './groups';
import { RoundStore } from './round-store';
import { lineOf, versionsOf } from './lines/line';
import { profile, type Shares } from './profile';
import { writePage, writeScale } from './report/page';
import { addedTable, isInSummary, quickTable, SUMMARY_VARIANTS } from './report/summary';
import { profileTable } from './report/profile';
import { scaleTable } from './report/scale';
import { coldTable, costTable, floorTable, rowTable, targetTable } from './report/tables';
import { compareFloors } from './report/floor-check';
import { publishedResults, resultsOf, type Results } from './results';
import { runRounds } from './rounds';
import type { SampleOptions } from './run-sample';
import { targets } from './targets';

const root = join(__dirname, '..');

const { values } = parseArgs({
  options: {
    /** Results of fewer than 15 rounds are not published, because their confidence intervals are too wide. */
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
    /** Measure only the benchmarks that the performance targets use. */
    targets: { type: 'boolean', default: false },
    /** Measure only how the cost grows, for example with the number of topics. The results are published separately. */
    scale: { type: 'boolean', default: false },
    /** Continue an interrupted run of the same build. If such a run is still active, share its work. */
    resume: { type: 'boolean', default: false },
    /** Report the stored results of an interrupted run without measuring again. */
    measured: { type: 'boolean', default: false },
    /** Show which packages use the CPU time, instead of how much CPU time is used. */
    profile: { type: 'boolean', default: false },
    /** Measure only the table of the README again and compare the results with it. Takes less than ten minutes. */
    quick: { type: 'boolean', default: false },
    /**
     * Major version of the OpenTelemetry SDK. `2` is installed in this repository. `3` is installed on demand and runs
     * on a newer Node.js.
     */
    line: { type: 'string', default: '2' },
    /** The measured Kafka client: `kafkajs` or `confluent`. The results of `confluent` are published separately. */
    client: { type: 'string', default: 'kafkajs' satisfies Client },
  },
});

const QUICK_ROUNDS = '7';

const rounds = Number(values.rounds ?? (values.quick || values.scale ? QUICK_ROUNDS : '15'));

/** Only complete runs may replace the published results. */
const isPublished =
  rounds >= (values.scale ? Number(QUICK_ROUNDS) : 15) &&
  values.only === '' &&
  !values.targets &&
  !values.quick;
const isWhole = isPublished && !values.scale && values.line === '2' && values.client === 'kafkajs';

/**
 * The benchmarks that `--line` measures by default. They need no broker, which makes a difference between SDK versions
 * most visible.
 */
const OTHER_LINE_BENCHMARKS = /^in-process\/(send \d+|eachMessage|eachBatch \d+ distinct)\/sampled$/;

/**
 * The benchmarks that `--profile` uses by default. Each of them represents one kind of performance target that this
 * package missed.
 */
const PROFILED = [
  'broker/eachMessage 100 B/metrics',
  'in-process/send 1/sampled',
  'in-process/eachMessage/metrics',
];

const judged = new Set(
  targets.flatMap(target => [target.benchmark, ...(target.kind === 'added' ? [target.without] : [])]),
);

function isChosen(benchmark: Benchmark): boolean {
  const name = nameOf(benchmark);
  if ((benchmark.client ?? 'kafkajs') !== values.client) return false;
  if (values.quick) return isInSummary(benchmark);
  if (values.scale) return benchmark.group === 'scale';
  if (values.only === '' && benchmark.group === 'scale') return false;
  if (values.profile && values.only === '') return PROFILED.includes(name);
  if (values.line !== '2' && values.only === '') return OTHER_LINE_BENCHMARKS.test(name);
  return new RegExp(values.only).test(name) && (!values.targets || judged.has(name));
}

/** Number of rounds for benchmarks without a target. Three rounds are enough to show the order of magnitude. */
const UNJUDGED_ROUNDS = 3;

/**
 * Use three times as many rounds for benchmarks whose results vary. This makes the confidence interval about 40 %
 * narrower.
 */
const UNSTEADY_FACTOR = 3;

/** Limits the rounds of benchmarks without a performance target, so that a full run takes less than two hours. */
function roundsOf(benchmark: Benchmark): number {
  if (values.measured) return 0;
  if (values.only !== '' || values.scale) return rounds;
  if (!judged.has(nameOf(benchmark))) return Math.min(UNJUDGED_ROUNDS, rounds);
  return benchmark.isUnsteady ? rounds * UNSTEADY_FACTOR : rounds;
}

/** A quick run measures only the variants in the README. */
const withoutOthers = (benchmark: Benchmark): Benchmark =>
  values.quick ? { ...benchmark, variants: SUMMARY_VARIANTS } : benchmark;

/** If `BENCH_OTHER` names another build, measures it together with the current build. */
function withOther(benchmark: Benchmark): Benchmark {
  const hasOtherBuild = process.env['BENCH_OTHER'] !== undefined && benchmark.variants.includes('ours');
  return hasOtherBuild ? { ...benchmark, variants: [...benchmark.variants, 'other'] } : benchmark;
}

async function main(): Promise<void> {
  if (values.scale && (values.client !== 'kafkajs' || values.line !== '2'))
    throw new Error('--scale measures kafkajs with SDK 2.x only. Leave out --client and --line.');
  const all = await loadGroups();
  const groups = all.filter(group => group.benchmarks.some(isChosen));
  const benchmarks = groups
    .flatMap(group => group.benchmarks.filter(isChosen))
    .map(withoutOthers)
    .map(withOther);
  const line = lineOf(values.line);
  if (values.profile) {
    await withGroupsStarted(groups, env =>
      printProfiles(benchmarks, { ...line, env: { ...env, ...line.env } }),
    );
    return;
  }
  const store = new RoundStore(
    JSON.stringify([values.quick, values.scale, values.line, values.client, process.env['BENCH_OTHER']]),
    values.resume || values.measured,
  );
  const isIncomplete = (benchmark: Benchmark) =>
    isChosen(benchmark) && store.of(nameOf(benchmark)).length < roundsOf(benchmark);
  const needed = groups.filter(group => group.benchmarks.some(isIncomplete));
  const measured = await withGroupsStarted(needed, env =>
    runRounds({
      benchmarks,
      roundsOf,
      store,
      options: { ...line, env: { ...env, ...line.env } },
    }),
  );
  const rows = isWhole ? await rowsOf(all) : [];
  const results = await resultsOf({ benchmarks, rounds: measured, rows, provenance: provenance() });
  if (values.quick) {
    console.log(await quickTable(results.benchmarks, publishedResults('latest').benchmarks));
    return;
  }
  await print(results);
  if (isPublished) console.log((await publish(results)).map(file => `wrote ${file}`).join('\n'));
}

async function publish(results: Results): Promise<string[]> {
  if (values.client !== 'kafkajs') return writeClient(results);
  if (values.scale) return [writeResults('scale', results), ...(await writeScale(results, root))];
  return isWhole ? write(results) : [await writeLine(results)];
}

async function printProfiles(benchmarks: readonly Benchmark[], options: SampleOptions): Promise<void> {
  const parts = [
    `${provenance()}. Each benchmark was profiled once for each variant, so differences below one percent mean nothing.`,
  ];
  for (const benchmark of benchmarks) {
    const shares = new Map<Variant, Shares>();
    for (const variant of ['bare', 'floor', 'official', 'ours'] as const)
      if (benchmark.variants.includes(variant))
        shares.set(variant, await profile(benchmark, variant, options));
    parts.push(`\`${nameOf(benchmark)}\`:`, await profileTable(shares));
  }
  console.log(parts.join('\n\n'));
  if (values.only === '')
    console.log(`wrote ${writeFigures('bench/README.md', 'profile', parts.join('\n\n'))}`);
}

async function rowsOf(groups: readonly Group[]) {
  const rows = [];
  for (const group of groups) rows.push(...((await group.rows?.(rounds, () => undefined)) ?? []));
  return rows;
}

async function print(results: Results): Promise<void> {
  console.log(
    `\nMeasured on ${results.provenance}. Columns: CPU time per message in µs; allocated bytes per message.\n`,
  );
  const scale = results.benchmarks.filter(({ group }) => group === 'scale');
  const others = results.benchmarks.filter(({ group }) => group !== 'scale');
  const floors = compareFloors(results);
  const tables = [
    others.length > 0 ? await costTable(others) : '',
    others.some(({ coldRatios }) => coldRatios.official) ? await coldTable(others) : '',
    scale.length > 0 ? await scaleTable(scale) : '',
    results.verdicts.length > 0 ? await targetTable(results.verdicts) : '',
    floors.length > 0 ? await floorTable(floors) : '',
    results.rows.length > 0 ? await rowTable(results.rows) : '',
  ];
  console.log(tables.filter(table => table !== '').join('\n\n'));
}

async function write(results: Results): Promise<string[]> {
  return [writeResults('latest', results), ...(await writePage(results, root))];
}

function writeResults(name: string, results: Results): string {
  const file = join('bench', 'results', `${name}.json`);
  mkdirSync(join(root, 'bench', 'results'), { recursive: true });
  writeFileSync(join(root, file), `${JSON.stringify(results, undefined, 2)}\n`);
  return file;
}

async function writeClient(results: Results): Promise<string[]> {
  const parts = [
    `${results.provenance}, up to ${results.rounds} rounds.`,
    await targetTable(results.verdicts),
    await costTable(results.benchmarks),
  ];
  return [
    writeResults(values.client, results),
    writeFigures('bench/README.md', values.client, parts.join('\n\n')),
    writeFigures(
      'docs/performance.md',
      values.client,
      await addedTable(results.benchmarks, values.client, 'bare'),
    ),
  ];
}

async function writeLine({ provenance, rounds, benchmarks }: Results): Promise<string> {
  const from = `${provenance}, ${rounds} rounds. The measured processes used ${versionsOf(values.line)}.`;
  return writeFigures('bench/README.md', `line-${values.line}`, `${from}\n\n${await costTable(benchmarks)}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
