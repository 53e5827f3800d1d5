// `npm run compat`: tests the core features with all supported versions. About 20 minutes.
import { SingleBar } from 'cli-progress';
import { provenance, writeFigures } from '../../scripts/figures';
import { startKafka } from '../support/kafka';
import { check, type Result } from './check';
import { pack } from './install';
import { hasPassed, loadResults, storeResults } from './stored-results';
import { matrix, nameOf, type Row } from './matrix';
import { tables } from './table';

const args = process.argv.slice(2);
/** Skip rows that an interrupted run of the same build has tested successfully. */
const resumes = args.includes('--resume');
const rows = chosen(args.filter(argument => argument !== '--resume'));

function chosen(args: readonly string[]): Row[] {
  const expressions = args.map(argument => {
    const [, expression] = /^--only=(.+)$/.exec(argument) ?? [];
    if (expression === undefined)
      throw new Error(`Unknown argument ${argument}; expected --only=<regular expression> or --resume`);
    return new RegExp(expression);
  });
  const rows = matrix().filter(row => expressions.every(expression => expression.test(nameOf(row))));
  if (rows.length === 0) throw new Error('--only matches no row of the matrix');
  return rows;
}

/** Use two brokers at the same time: one starts while the other one is in use. */
const CONCURRENT_BROKERS = 2;

async function main(): Promise<void> {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {what}',
    noTTYOutput: true,
    notTTYSchedule: 30_000,
  });
  bar.start(rows.length, 0, { what: 'packing' });
  const packed = await pack();
  const results = new Map(resumes ? loadResults(packed.subject) : []);
  const remaining = rows.filter(row => !results.has(nameOf(row)));
  bar.update(rows.length - remaining.length);
  const onBroker = async (version: Row['kafka']) => {
    const kafka = await startKafka({
      progress: () => undefined,
      env: { ...process.env, KAFKA_BROKERS: undefined, KAFKA_VERSION: version },
    });
    try {
      for (const row of remaining.filter(({ kafka }) => kafka === version)) {
        bar.update({ what: nameOf(row) });
        results.set(nameOf(row), await check(row, packed, kafka.brokers).catch(notRun));
        storeResults(packed.subject, results);
        bar.increment();
      }
    } finally {
      await kafka.stop();
    }
  };
  try {
    // All workers take versions from the same iterator, so each version is tested once.
    const versions = new Set(remaining.map(({ kafka }) => kafka)).values();
    const worker = async () => {
      for (const version of versions) await onBroker(version);
    };
    await Promise.all(Array.from({ length: CONCURRENT_BROKERS }, worker));
  } finally {
    bar.stop();
    packed.remove();
  }
  await report(results);
}

/** If the versions of a row cannot be installed, only that row fails. */
const notRun = (error: unknown): Result => ({
  isIncompatible: false,
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
    for (const [setup, list] of Object.entries(faults))
      for (const fault of list) console.log(`${nameOf(row)}, ${setup}: ${fault}\n`);
  // Write the results into the docs only after a complete run.
  if (rows.length === matrix().length)
    console.log(`Updated ${writeFigures('docs/compatibility.md', 'compat', `${text}\n\n${provenance()}`)}`);
  process.exitCode = ordered.every(hasPassed) ? 0 : 1;
}

void main();
