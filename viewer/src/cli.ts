#!/usr/bin/env node
import { attach, CommandNotFound, run } from './cli/run';
import { HELP, readArguments } from './cli/arguments';
import { identity } from './identity';

async function main(): Promise<number> {
  const parsed = readArguments(process.argv.slice(2));
  if (parsed.does === 'help') process.stdout.write(HELP);
  else if (parsed.does === 'version') process.stdout.write(`${identity().version}\n`);
  else if (parsed.does === 'refuse') {
    process.stderr.write(`${parsed.reason}. Run \`kafka-otel-viewer --help\` for all options.\n`);
    return 2;
  } else return parsed.does === 'attach' ? attach(parsed) : run(parsed);
  return 0;
}

main().then(
  status => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`kafka-otel-viewer: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof CommandNotFound ? 127 : 1);
  },
);
