// `npm run compat`: the core of the product on every version that it is said to run on.
import { SingleBar } from 'cli-progress';
import { provenance, writeFigures } from '../../scripts/figures';
import { startKafka } from '../support/kafka';
import { check, type Result } from './check';
import { pack } from './install';
import { isGood, keepResults, keptResults } from './kept';
import { matrix, nameOf, type Row } from './matrix';
import { tables } from './table';

const args = process.argv.slice(2);
/** Takes over what an interrupted run of the same package has found good. */
const resumes = args.includes('--resume');
const rows = chosen(args.filter(argument => argument !== '--resume'));

function chosen(args: readonly string[]): Row[] {
  const expressions = args.map(argument => {
    const [, expression] = /^--only=(.+)$/.exec(argument) ?? [];
    if (expression === undefined)
      throw new Error(`unknown argument ${argument}; there are --only=<regexp> and --resume`);
    return new RegExp(expression);
  });
  const rows = matrix().filter(row => expressions.every(expression => expression.test(nameOf(row))));
  if (rows.length === 0) throw new Error('no row of the matrix is called like that');
  return rows;
}

/** Brokers at a time: starting one and speaking with another go well together. */
const LANES = 2;

async function main(): Promise<void> {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {what}',
    noTTYOutput: true,
    notTTYSchedule: 30_000,
  });
  bar.start(rows.length, 0, { what: 'packing' });
  const packed = await pack();
  const results = new Map(resumes ? keptResults(packed.subject) : []);
  const left = rows.filter(row => !results.has(nameOf(row)));
  bar.update(rows.length - left.length);
  const onBroker = async (version: Row['kafka']) => {
    const kafka = await startKafka({
      progress: () => undefined,
      env: { ...process.env, KAFKA_BROKERS: undefined, KAFKA_VERSION: version },
    });
    try {
      for (const row of left.filter(({ kafka }) => kafka === version)) {
        bar.update({ what: nameOf(row) });
        results.set(nameOf(row), await check(row, packed, kafka.brokers).catch(notRun));
        keepResults(packed.subject, results);
        bar.increment();
      }
    } finally {
      await kafka.stop();
    }
  };
  try {
    // An iterator that is shared: whoever is done with one version takes the next.
    const versions = new Set(left.map(({ kafka }) => kafka)).values();
    const lane = async () => {
      for (const version of versions) await onBroker(version);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    bar.stop();
    packed.remove();
  }
  await report(results);
}

/** A row whose versions cannot even be installed is a row that fails; the others still run. */
const notRun = (error: unknown): Result => ({
  isRefused: false,
  notes: [],
  faults: { installation: [String(error)] },
});

async function report(results: ReadonlyMap<string, Result>): Promise<void> {
  const ordered = rows.flatMap(row => {
    const result = results.get(nameOf(row));
    return result ? [{ row, ...result }] : [];
  });
  const text = await tables(ordered);
  console.log(`\n${text}`);
  for (const { row, faults } of ordered)
    for (const [way, list] of Object.entries(faults))
      for (const fault of list) console.log(`${nameOf(row)}, ${way}: ${fault}\n`);
  // A part of the matrix is no account of it.
  if (rows.length === matrix().length)
    console.log(`written to ${writeFigures('compatibility', 'compat', `${text}\n\n${provenance()}`)}`);
  process.exitCode = ordered.every(isGood) ? 0 : 1;
}

void main();
