import { join } from 'node:path';
import { checksOf } from './checks';
import { CONSUMERS, TYPED, type Consumer } from './consumers';
import { install } from './install';
import { PACKAGE_CHECKS, installBare } from './package-checks';
import type { Tarball } from './tarball';
import type { Tools } from './tools';
import { COMPILERS, RESOLUTIONS, compiles } from './types';

/** A check, with its texts for a row of the table. */
export interface Job {
  /** Name of the application. */
  readonly consumer: string;
  readonly check: string;
  /** Throws if the check fails. */
  readonly run: () => Promise<void>;
}

/** Returns all checks in order. Checks of the same application share its installation. */
export function jobs(tools: Tools, tarball: Tarball, folder: string): Job[] {
  return [
    ...packageJobs(tarball, join(folder, 'bare')),
    ...TYPED.flatMap((consumer, index) => typeJobs(consumer, tools, tarball, join(folder, `typed-${index}`))),
    ...CONSUMERS.flatMap((consumer, index) =>
      programJobs(consumer, tools, tarball, join(folder, `program-${index}`)),
    ),
  ];
}

function packageJobs(tarball: Tarball, folder: string): Job[] {
  const installed = once(() => installBare(tarball, folder));
  return PACKAGE_CHECKS.map(({ name, run }) => ({
    consumer: 'the package alone',
    check: name,
    run: async () => {
      await installed();
      await run(folder, tarball);
    },
  }));
}

function typeJobs(consumer: Consumer, tools: Tools, tarball: Tarball, folder: string): Job[] {
  const installed = once(() => install(consumer, tools, tarball, folder));
  return COMPILERS.flatMap(compiler =>
    RESOLUTIONS.map(resolution => ({
      consumer: consumer.name,
      check: `types under ${compiler}, ${resolution}`,
      run: async () => {
        await installed();
        await compiles(folder, tools, compiler, resolution);
      },
    })),
  );
}

function programJobs(consumer: Consumer, tools: Tools, tarball: Tarball, folder: string): Job[] {
  const installed = once(() => install(consumer, tools, tarball, folder));
  const installs: Job = {
    consumer: consumer.name,
    check: 'installs without warnings',
    run: async () => {
      await installed();
    },
  };
  const checks = checksOf(consumer).map(check => ({
    consumer: consumer.name,
    check: check.name,
    run: async () => {
      await check.run(consumer, await installed(), tools);
    },
  }));
  return [installs, ...checks];
}

/** Returns a function that calls `work` only once and always returns the same promise. */
function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined;
  return () => (done ??= work());
}
