/** The command's arguments and its output. */
import { parseArgs } from 'node:util';
import type { Diagnosis } from './diagnose';
import type { Finding, Level } from './finding';

export const USAGE = `Usage: kafka-otel doctor [options] [entry]
       kafka-otel doctor [options] -- <command>

Reads a program without running it, and reports whether its use of Kafka would be traced.

  entry                  the program's file or folder; default: the file that the script "start" or "main" names
  command                how the program is started, for example: node --require @org/kafka-otel/register app.js
  -r, --require <module> a module that is preloaded, if neither package.json nor NODE_OPTIONS names it
      --import <module>  the same for --import
      --offline          do not connect to the exporter's endpoint
      --json             print JSON
  -h, --help             print this text

Environment variables are read from this shell and from the start script.
Exit code: 0 if spans would be exported, 1 if not, 2 if the arguments are wrong or no program was found,
3 if reading the files does not show it.
`;

export interface Arguments {
  readonly entry: string | undefined;
  /** The words after `--`. */
  readonly command: readonly string[] | undefined;
  readonly preloads: readonly string[];
  readonly offline: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws Error with a message for the user */
export function readArguments(all: readonly string[]): Arguments {
  const end = all.indexOf('--');
  const args = end < 0 ? all : all.slice(0, end);
  const words = end < 0 ? undefined : all.slice(end + 1);
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
  if (words && entries.length > 0)
    throw new Error('expected either an entry or a command after --, got both');
  if (entries.length > 1) throw new Error(`expected one entry, got ${entries.length}: ${entries.join(' ')}`);
  return {
    entry: entries[0],
    command: words,
    preloads: [...required, ...imported],
    offline,
    json,
    help,
  };
}

/** The groups of the output, in their order. */
const GROUPS: readonly (readonly [string, readonly Level[]])[] = [
  ['Will flow:', ['ok']],
  ['Unsure:', ['unsure', 'warning']],
  ['Will not flow:', ['problem']],
];

/** The findings in groups, each with what, why and what to do, then the summary. */
export function asText({ findings, summary }: Diagnosis): string {
  const groups = GROUPS.flatMap(([title, levels]) => {
    const inside = findings.filter(({ level }) => levels.includes(level));
    return inside.length === 0 ? [] : [[title, ...inside.flatMap(linesOf)].join('\n')];
  });
  return `${[...groups, summary].join('\n\n')}\n`;
}

const linesOf = ({ level, code, what, why, do: fix, file, line }: Finding): string[] => {
  if (why === undefined || fix === undefined) return [`  ${what}`];
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
  return [`  ${level}: ${sentence(what)}${place} [${code}]`, `    why: ${sentence(why)}`, `    do:  ${fix}`];
};

const sentence = (text: string): string => `${text}.`;

export function asJson(diagnosis: Diagnosis): string {
  return `${JSON.stringify(diagnosis, undefined, 2)}\n`;
}
