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
    throw new Error('expected either a file or folder, or a command after --, got both');
  if (entries.length > 1)
    throw new Error(`expected one file or folder, got ${entries.length}: ${entries.join(' ')}`);
  return {
    entry: entries[0],
    command: words,
    preloads: [...required, ...imported],
    offline,
    json,
    help,
  };
}

const GROUPS: readonly (readonly [string, readonly Level[]])[] = [
  ['Will flow:', ['ok']],
  ['Unsure:', ['unsure', 'warning']],
  ['Will not flow:', ['problem']],
];

/** Long lines are folded only on a terminal, so that a search in a log finds whole lines. */
export interface Screen {
  readonly width: number;
  readonly hasColors: boolean;
}

export const screenOf = (
  { isTTY, columns }: NodeJS.WriteStream,
  { NO_COLOR, TERM }: NodeJS.ProcessEnv,
): Screen => ({
  width: isTTY ? columns : Infinity,
  hasColors: isTTY && !NO_COLOR && TERM !== 'dumb',
});

export function asText({ findings, summary, verdict }: Diagnosis, screen: Screen): string {
  const paint = (level: Level, text: string): string =>
    screen.hasColors ? `\u001b[${COLORS[level]}m${text}\u001b[0m` : text;
  const linesOf = ({ level, code, what, why, do: fix, file, line }: Finding): string => {
    if (why === undefined || fix === undefined) return fold(`  ${what}`, '  ', screen.width);
    const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
    return [
      fold(`  ${level}: ${what}.${place} [${code}]`, '    ', screen.width).replace(
        level,
        paint(level, level),
      ),
      fold(`    why: ${why}.`, '         ', screen.width),
      fold(`    do:  ${fix}`, '         ', screen.width),
    ].join('\n');
  };
  const groups = GROUPS.flatMap(([title, levels]) => {
    const inside = findings.filter(({ level }) => levels.includes(level));
    return inside.length === 0 ? [] : [[title, ...inside.map(linesOf)].join('\n')];
  });
  const level = verdict === 'will flow' ? 'ok' : verdict === 'unsure' ? 'unsure' : 'problem';
  return `${[...groups, paint(level, fold(summary, '', screen.width))].join('\n\n')}\n`;
}

/** Green, yellow and red. */
const COLORS: Readonly<Record<Level, number>> = { ok: 32, warning: 33, unsure: 33, problem: 31 };

/** Breaks a line at spaces. A word that is longer than a line, such as a path, stays whole. */
function fold(text: string, indent: string, width: number): string {
  const [margin = ''] = /^ */.exec(text) ?? [];
  const lines: string[] = [];
  let line = margin;
  for (const word of text.slice(margin.length).split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line === margin || line === indent ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

export const asJson = (diagnosis: Diagnosis): string => `${JSON.stringify(diagnosis, undefined, 2)}\n`;
