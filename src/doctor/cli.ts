/** The command's arguments and its output. */
import { parseArgs } from 'node:util';
import type { Diagnosis } from './diagnose';
import type { Finding, Level } from './program';

export const USAGE = `Usage: kafka-otel doctor [options] [entry]

Reads a program without running it, and reports whether its use of Kafka would be traced.

  entry                  the program's file or folder; default: the file that the script "start" or "main" names
  -r, --require <module> a module that is preloaded, if neither package.json nor NODE_OPTIONS names it
      --import <module>  the same for --import
      --offline          do not connect to the exporter's endpoint
      --json             print JSON
  -h, --help             print this text

Environment variables are read from this shell and from the start script.
Exit code: 0 if spans would be exported, 1 if not, 2 if the arguments are wrong or no program was found.
`;

export interface Arguments {
  readonly entry: string | undefined;
  readonly preloads: readonly string[];
  readonly offline: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws Error with a message for the user */
export function readArguments(args: readonly string[]): Arguments {
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
  const [command, ...entries] = positionals;
  if (!help && command !== 'doctor')
    throw new Error(
      command === undefined
        ? 'no command given; expected "doctor"'
        : `unknown command "${command}"; expected "doctor"`,
    );
  if (entries.length > 1) throw new Error(`expected one entry, got ${entries.length}: ${entries.join(' ')}`);
  return { entry: entries[0], preloads: [...required, ...imported], offline, json, help };
}

const LABELS: Readonly<Record<Level, string>> = { ok: 'ok     ', warning: 'warning', problem: 'problem' };

/** One line per finding, then the summary. */
export function asText({ findings, summary }: Diagnosis): string {
  return `${[...findings.map(asLine), '', summary].join('\n')}\n`;
}

const asLine = ({ level, text, fix }: Finding): string =>
  `${LABELS[level]}  ${text}${fix === undefined ? '' : `. ${fix}`}`;

export function asJson(diagnosis: Diagnosis): string {
  return `${JSON.stringify(diagnosis, undefined, 2)}\n`;
}
