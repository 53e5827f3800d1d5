/**
 * Checks the environment variables on the pages. This package, OpenTelemetry or a tool of the repository must read
 * them.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OPTIONS, readSettings } from '../../src/config/settings';
import { registerProblems } from '../../src/register/mode';
import { samplerFrom } from '../../src/sampling/environment';
import { ROOT, type Page } from './pages';

const PREFIX = 'OTEL_INSTRUMENTATION_KAFKA_';

/** Variables of this package without their prefix, for options and for `register`. */
const ownVariables = [
  ...Object.values<{ readonly variable?: string; readonly fallback: unknown }>(OPTIONS).flatMap(
    ({ variable }) => variable ?? [],
  ),
  'REGISTER',
  'ESM_LOADER',
  'SAMPLING',
];

/** Variables that other products and runtimes read. */
const OF_OTHERS = /^(?:(?:BUN|DD|ELASTIC_APM|LAST9|NEW_RELIC)_|OTEL_DENO$)/;

/** Variables whose names are wrong on purpose, as examples on a page. */
const MISSPELT = ['OTEL_EXPORTER_OLTP_ENDPOINT'];

const OF_NODE = ['NODE_OPTIONS', 'NODE_PATH', 'NODE_ENV', 'NODE_NO_WARNINGS', 'PATH', 'PORT', 'CI'];

interface Named {
  readonly place: string;
  readonly name: string;
  /** Undefined if the page does not set the variable. */
  readonly value: string | undefined;
}

/**
 * Returns every OpenTelemetry variable on a page, and all other variables that the page sets in code or in backticks.
 */
export function variablesOf({ path, text, fences }: Page): Named[] {
  const named = text.split('\n').flatMap((line, index) =>
    [...line.matchAll(/\b(OTEL_[A-Z0-9_]*[A-Z0-9])(?:=('[^']*'|"[^"]*"|[^\s`|)]*))?/g)].map(
      ([, name = '', value]) => ({
        place: `${path}:${index + 1}`,
        name,
        // A log line may show an invalid value.
        value: line.startsWith('kafka-otel: ') ? undefined : value?.replace(/^(['"])(.*)\1$/, '$2'),
      }),
    ),
  );
  const commands = fences.filter(({ language }) => language === 'sh');
  const set = [...commands.map(fence => fence.text), ...(text.match(/`[^`\n]+`/g) ?? [])].flatMap(code => [
    ...code.matchAll(/(?:^|[\s`])([A-Z][A-Z0-9_]*)=(?=\S)/gm),
  ]);
  return [
    ...named,
    ...set
      .map(([, name = '']) => ({ place: path, name, value: undefined }))
      .filter(({ name }) => !name.startsWith('OTEL_')),
  ];
}

/** Returns what is wrong with a variable: nothing reads it, or its value is invalid. */
export function problemsOf({ place, name, value }: Named): string[] {
  if (MISSPELT.includes(name) || OF_OTHERS.test(name)) return [];
  // The page mentions only the prefix, not a variable.
  if (name === PREFIX.slice(0, -1)) return [];
  if (name.startsWith(PREFIX) && !ownVariables.includes(name.slice(PREFIX.length)))
    return [`${place}: this package does not read ${name}`];
  if (name.startsWith('OTEL_') && !name.startsWith(PREFIX) && !ofOpenTelemetry().has(name))
    return [`${place}: no installed OpenTelemetry package reads ${name}`];
  if (!name.startsWith('OTEL_') && !OF_NODE.includes(name) && !ownSources().includes(name))
    return [`${place}: nothing in this repository reads ${name}`];
  return value === undefined ? [] : invalid(name, value).map(problem => `${place}: ${problem}`);
}

function invalid(name: string, value: string): string[] {
  // A placeholder, which the reader must replace.
  if (value === '' || /[…<$]/.test(value)) return [];
  const problems = registerProblems({ [name]: value });
  const report = (problem: string) => problems.push(problem);
  samplerFrom({ [name]: value }, report);
  readSettings({}, { [name]: value }, report);
  return problems;
}

let read: Set<string> | undefined;
let own: string | undefined;

function ofOpenTelemetry(): ReadonlySet<string> {
  const home = join(ROOT, 'node_modules', '@opentelemetry');
  // Includes src, because this package reads some standard variables that no other package reads yet.
  const folders = [join(ROOT, 'src'), ...readdirSync(home).map(name => join(home, name, 'build', 'src'))];
  return (read ??= new Set(
    folders
      .flatMap(folder => filesIn(folder, /\.[jt]s$/))
      .flatMap(file => readFileSync(file, 'utf8').match(/\bOTEL_[A-Z0-9_]*[A-Z0-9]/g) ?? []),
  ));
}

function ownSources(): string {
  return (own ??= ['src', 'test', 'bench', 'demo', 'scripts', 'examples', 'deploy']
    .flatMap(folder => filesIn(join(ROOT, folder), /\.(?:ts|js|cjs|mjs|ya?ml)$/))
    // These files contain wrong variables on purpose.
    .filter(file => !file.includes(join('test', 'unit', 'docs')))
    .map(file => readFileSync(file, 'utf8'))
    .join('\n'));
}

function filesIn(folder: string, wanted: RegExp): string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // Skip packages with another build folder, and folders that an older version of the repository lacks.
    return [];
  }
  return entries.flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path, wanted);
    return wanted.test(entry.name) ? [path] : [];
  });
}
