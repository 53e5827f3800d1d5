#!/usr/bin/env node
/** The command `kafka-otel`. It reads the files of a program and does not run them. */
import { resolve } from 'node:path';
import { USAGE, asJson, asText, readArguments, screenOf, type Arguments } from './doctor/cli';
import type * as Diagnose from './doctor/diagnose';
import { problem } from './doctor/finding';
import { inCommandsOfManager } from './doctor/manager';
import { ProgramNotFound } from './doctor/start';

async function main(): Promise<number> {
  let given: Arguments;
  try {
    given = readArguments(process.argv.slice(2));
  } catch (error) {
    return refuse((error as Error).message);
  }
  if (given.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { entry, command, preloads, offline, json } = given;
  try {
    const diagnosis = await loadDiagnose()({
      entry,
      command,
      folder: process.cwd(),
      options: { preloads, loaders: [], envFiles: [] },
      environment: process.env,
      nodeVersion: process.versions.node,
      offline,
    });
    process.stdout.write(json ? asJson(diagnosis) : asText(diagnosis, screenOf(process.stdout, process.env)));
    return EXIT_CODES[diagnosis.verdict];
  } catch (error) {
    if (error instanceof ProgramNotFound) {
      process.stderr.write(`kafka-otel: ${error.message}\n`);
      return 2;
    }
    throw error;
  }
}

/**
 * The checks cannot be loaded without the API package. In this case, the returned function reports only the missing
 * package.
 */
function loadDiagnose(): typeof Diagnose.diagnose {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return (require('./doctor/diagnose') as typeof Diagnose).diagnose;
  } catch (error) {
    if (!/Cannot find module '@opentelemetry\/api'|tried to access @opentelemetry\/api/.test(String(error)))
      throw error;
    const missing = problem(
      'api.missing',
      '@opentelemetry/api is not installed',
      'without it, neither the instrumentation nor this command can be loaded',
      'Run `npm install @opentelemetry/api`, then run this command again.',
    );
    return ({ entry = '.', folder }) =>
      Promise.resolve({
        flows: false,
        verdict: 'will not flow',
        findings: inCommandsOfManager([missing], resolve(folder, entry)),
        summary: 'No spans of Kafka clients would leave the program: 1 problem to fix.',
      });
  }
}

const EXIT_CODES: Readonly<Record<Diagnose.Verdict, number>> = {
  'will flow': 0,
  'will not flow': 1,
  unsure: 3,
};

function refuse(reason: string): number {
  process.stderr.write(`kafka-otel: ${reason}\n\n${USAGE}`);
  return 2;
}

void main()
  // An error here is a defect of the doctor, not a finding about the program.
  .catch((error: unknown) => {
    process.stderr.write(`kafka-otel: the doctor failed: ${String((error as Error).stack ?? error)}\n`);
    return 2;
  })
  .then(code => {
    process.exitCode = code;
  });
