#!/usr/bin/env node
/** The command `kafka-otel`. It reads files of the program, and runs none of them. */
import { diagnose } from './doctor/diagnose';
import { asJson, asText } from './doctor/report';
import { NoProgram } from './doctor/start';
import { USAGE, readUsage, type Usage } from './doctor/usage';

async function main(): Promise<number> {
  let usage: Usage;
  try {
    usage = readUsage(process.argv.slice(2));
  } catch (error) {
    return refuse((error as Error).message);
  }
  if (usage.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { entry, preloads, offline, json } = usage;
  try {
    const diagnosis = await diagnose({
      entry,
      folder: process.cwd(),
      options: { preloads, loaders: [], envFiles: [] },
      environment: process.env,
      nodeVersion: process.versions.node,
      offline,
    });
    process.stdout.write(json ? asJson(diagnosis) : asText(diagnosis));
    return diagnosis.flows ? 0 : 1;
  } catch (error) {
    if (error instanceof NoProgram) return refuse(error.message);
    throw error;
  }
}

function refuse(reason: string): number {
  process.stderr.write(`kafka-otel: ${reason}\n\n${USAGE}`);
  return 2;
}

void main().then(code => {
  process.exitCode = code;
});
