// `npm run test:soak [-- --messages=N]` sends a million messages from one process to another, once without
// instrumentation (`bare`) and once with it (`traced`).
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { Kafka, logLevel } from 'kafkajs';
import { provenance, writeFigures } from '../../scripts/figures';
import { startKafka } from '../support/kafka';
import { known } from '../support/known-topics.cjs';
import { runPair, type Pair } from './pair';
import { table } from './table';
import { violations } from './verdict';

const PARTITIONS = 4;
const MILLION = 1_000_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { messages: { type: 'string', default: String(MILLION) } } });
  const count = Number(values.messages);
  if (!Number.isSafeInteger(count) || count < 1000)
    throw new Error(`--messages=${values.messages}: expected an integer of at least 1000`);
  const kafka = await startKafka();
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  const suffix = randomBytes(4).toString('hex');
  const topics = [`soak-bare-${suffix}`, `soak-traced-${suffix}`] as const;
  const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await admin.createTopics({
      topics: topics.map(topic => ({ topic, numPartitions: PARTITIONS })),
      waitForLeaders: false,
    });
    await known(admin, [...topics]);
    const run = async (topic: string, isBare: boolean): Promise<Pair> => {
      const bar = new SingleBar({
        format: `${isBare ? 'bare  ' : 'traced'} {bar} {value} of {total}, {eta_formatted}`,
      });
      bar.start(count, 0);
      try {
        const { brokers } = kafka;
        return await runPair({ brokers, topic, count, isBare, folder, progress: done => { bar.update(done); } }); // prettier-ignore
      } finally {
        bar.stop();
      }
    };
    const bare = await run(topics[0], true);
    const traced = await run(topics[1], false);
    const found = violations(bare, traced);
    const load = `${loadavg()[0]?.toFixed(1) ?? '?'} on ${cpus().length} processors at the end`;
    const figures = `${await table(bare, traced, found)}\n\n${provenance()}; load average ${load}.`;
    process.stdout.write(`${figures}\n`);
    if (count === MILLION) process.stdout.write(`${writeFigures('test/README.md', 'soak', figures)}\n`);
    if (found.length > 0) process.exitCode = 1;
  } finally {
    await admin.deleteTopics({ topics: [...topics] });
    await admin.disconnect();
    await kafka.stop();
    rmSync(folder, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
