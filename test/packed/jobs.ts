import { join } from 'node:path';
import { checksOf } from './checks';
import { CONSUMERS, TYPED, type Consumer } from './consumers';
import { install } from './install';
import { PACKAGE_CHECKS, installBare } from './package-checks';
import type { Tarball } from './tarball';
import type { Tools } from './tools';
import { COMPILERS, RESOLUTIONS, compiles } from './types';

/** One line of the table. */
export interface Job {
  readonly place: string;
  readonly what: string;
  /** Throws where it does not hold. */
  readonly run: () => Promise<void>;
}

/** All that is to be tried, in order; what is installed once serves several. */
export function jobs(tools: Tools, tarball: Tarball, folder: string): Job[] {
  return [
    ...ofThePackage(tarball, join(folder, 'bare')),
    ...TYPED.flatMap((consumer, index) =>
      ofItsTypes(consumer, tools, tarball, join(folder, `typed-${index}`)),
    ),
    ...CONSUMERS.flatMap((consumer, index) =>
      ofAProgram(consumer, tools, tarball, join(folder, `program-${index}`)),
    ),
  ];
}

function ofThePackage(tarball: Tarball, folder: string): Job[] {
  const place = 'the package alone';
  const installed = once(() => installBare(tarball, folder));
  return PACKAGE_CHECKS.map(({ name, run }) => ({
    place,
    what: name,
    run: async () => {
      await installed();
      await run(folder, tarball);
    },
  }));
}

function ofItsTypes(consumer: Consumer, tools: Tools, tarball: Tarball, folder: string): Job[] {
  const installed = once(() => install(consumer, tools, tarball, folder));
  return COMPILERS.flatMap(compiler =>
    RESOLUTIONS.map(resolution => ({
      place: consumer.name,
      what: `types under ${compiler}, ${resolution}`,
      run: async () => {
        await installed();
        await compiles(folder, tools, compiler, resolution);
      },
    })),
  );
}

function ofAProgram(consumer: Consumer, tools: Tools, tarball: Tarball, folder: string): Job[] {
  const installed = once(() => install(consumer, tools, tarball, folder));
  const installs: Job = {
    place: consumer.name,
    what: 'it installs without a complaint',
    run: async () => {
      await installed();
    },
  };
  const checks = checksOf(consumer).map(check => ({
    place: consumer.name,
    what: check.name,
    run: async () => {
      await check.run(consumer, await installed(), tools);
    },
  }));
  return [installs, ...checks];
}

/** The first call does it; all get its outcome. */
function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined;
  return () => (done ??= work());
}
