// `npm run test:packed [-- --only=text]` installs the packed package in new applications with several package managers,
// and tests it there. Takes about 6 minutes.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { startKafka } from '../support/kafka';
import { newFolder } from './folder';
import { jobs, type Job } from './jobs';
import { pack } from './tarball';
import { ALL_TOOLS, installTools } from './tools';

interface Outcome {
  readonly job: Job;
  readonly error: string | undefined;
  readonly seconds: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  const folder = newFolder();
  const kafka = await startKafka();
  process.env['KAFKA_BROKERS'] = kafka.brokers.join(',');
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {what}',
    noTTYOutput: true,
    notTTYSchedule: 30_000,
  });
  try {
    const tarball = pack(folder);
    process.stderr.write('Installing Node.js, package managers and compilers from npm …\n');
    const tools = await installTools(join(folder, 'tools'), ALL_TOOLS);
    const chosen = jobs(tools, tarball, folder).filter(job => nameOf(job).includes(values.only));
    if (chosen.length === 0) throw new Error(`--only="${values.only}" matches no check`);
    bar.start(chosen.length, 0, { what: '' });
    const outcomes: Outcome[] = [];
    for (const job of chosen) {
      bar.update({ what: nameOf(job) });
      outcomes.push(await outcomeOf(job));
      bar.increment();
    }
    bar.stop();
    await report(outcomes);
  } finally {
    bar.stop();
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const nameOf = ({ consumer, check }: Job): string => `${consumer}: ${check}`;

async function outcomeOf(job: Job): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  try {
    await job.run();
    return { job, error: undefined, seconds: seconds() };
  } catch (error) {
    return { job, error: error instanceof Error ? error.message : String(error), seconds: seconds() };
  }
}

async function report(outcomes: readonly Outcome[]): Promise<void> {
  const { markdownTable } = await import('markdown-table');
  const rows = outcomes.map(({ job, error, seconds }) => [
    job.consumer,
    job.check,
    error === undefined ? 'ok' : '**failed**',
    seconds.toFixed(1),
  ]);
  console.log(`\n${markdownTable([['program', 'check', '', 'seconds'], ...rows])}\n`);
  const failed = outcomes.filter(({ error }) => error !== undefined);
  for (const { job, error = '' } of failed) console.log(`${nameOf(job)}\n${error}\n`);
  console.log(`${outcomes.length - failed.length} of ${outcomes.length} checks passed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
