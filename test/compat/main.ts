// `npm run compat`: the core of the product on every version that it is said to run on.
import { SingleBar } from 'cli-progress';
import { provenance, writeFigures } from '../../scripts/figures';
import { startKafka } from '../support/kafka';
import { check, type Result } from './check';
import { pack } from './install';
import { matrix, nameOf, type Row } from './matrix';
import { tables } from './table';

const rows = chosen(process.argv.slice(2));

function chosen(args: readonly string[]): Row[] {
  const expressions = args.map(argument => {
    const [, expression] = /^--only=(.+)$/.exec(argument) ?? [];
    if (expression === undefined) throw new Error(`unknown argument ${argument}; there is --only=<regexp>`);
    return new RegExp(expression);
  });
  const rows = matrix().filter(row => expressions.every(expression => expression.test(nameOf(row))));
  if (rows.length === 0) throw new Error('no row of the matrix is called like that');
  return rows;
}

async function main(): Promise<void> {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {what}',
    noTTYOutput: true,
    notTTYSchedule: 30_000,
  });
  bar.start(rows.length, 0, { what: 'packing' });
  const results = new Map<Row, Result>();
  const packed = await pack();
  try {
    for (const version of new Set(rows.map(({ kafka }) => kafka))) {
      bar.update({ what: `starting Kafka ${version}` });
      const kafka = await startKafka({
        progress: () => undefined,
        env: { ...process.env, KAFKA_BROKERS: undefined, KAFKA_VERSION: version },
      });
      try {
        for (const row of rows.filter(({ kafka }) => kafka === version)) {
          bar.update({ what: nameOf(row) });
          results.set(row, await check(row, packed, kafka.brokers).catch(notRun));
          bar.increment();
        }
      } finally {
        await kafka.stop();
      }
    }
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

async function report(results: ReadonlyMap<Row, Result>): Promise<void> {
  const ordered = rows.flatMap(row => {
    const result = results.get(row);
    return result ? [{ row, ...result }] : [];
  });
  const text = await tables(ordered);
  console.log(`\n${text}`);
  for (const { row, faults } of ordered)
    for (const [way, list] of Object.entries(faults))
      for (const fault of list) console.log(`${nameOf(row)}, ${way}: ${fault}\n`);
  const isBad = ordered.some(({ faults }) => Object.values(faults).some(list => list.length > 0));
  // A part of the matrix is no account of it.
  if (rows.length === matrix().length)
    console.log(`written to ${writeFigures('compatibility', 'compat', `${text}\n\n${provenance()}`)}`);
  process.exitCode = isBad ? 1 : 0;
}

void main();
