/** What the command is called with. */
import { parseArgs } from 'node:util';

export const USAGE = `Usage: kafka-otel doctor [options] [entry]

Looks at a program without running it, and says whether its kafkajs would be traced.

  entry                  the program's file, or its folder; default: what the script "start" or "main" names
  -r, --require <module> what the program is started with, where package.json and NODE_OPTIONS do not say it
      --import <module>  the same for --import
      --offline          do not try the exporter's endpoint
      --json             write JSON
  -h, --help             this text

The variables are those of this shell, and those that the script sets.
Exit code: 0 if spans would flow, 1 if not, 2 if it was called wrongly or found no program.
`;

export interface Usage {
  readonly entry: string | undefined;
  readonly preloads: readonly string[];
  readonly offline: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws an Error whose message says what is wrong */
export function readUsage(args: readonly string[]): Usage {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      require: { type: 'string', short: 'r', multiple: true },
      import: { type: 'string', multiple: true },
      offline: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const {
    require: required = [],
    import: imported = [],
    offline = false,
    json = false,
    help = false,
  } = values;
  const [command, entry, ...more] = positionals;
  if (!help && command !== 'doctor')
    throw new Error(command === undefined ? 'no command' : `no such command: ${command}`);
  if (more.length > 0) throw new Error(`one entry, please, not also ${more.join(' ')}`);
  return { entry, preloads: [...required, ...imported], offline, json, help };
}
