/** Environment variables that exist: ours, those that an installed OpenTelemetry package reads, and those of the repository's own tools. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OPTIONS, readSettings } from '../../src/config/settings';
import { complaints } from '../../src/register/environment';
import { samplerFrom } from '../../src/sampling/environment';
import { ROOT, type Page } from './pages';

const PREFIX = 'OTEL_INSTRUMENTATION_KAFKA_';

/** Ours, without the prefix: those that options have, and those of `register`. */
const ours = [
  ...Object.values<{ readonly variable?: string; readonly fallback: unknown }>(OPTIONS).flatMap(
    ({ variable }) => variable ?? [],
  ),
  'REGISTER',
  'ESM_LOADER',
  'SAMPLING',
];

/** Other products', which pages on moving over name. */
const OF_OTHERS = /^(?:DD|LAST9|NEW_RELIC)_/;

/** Named because it is wrong. */
const MISSPELT = ['OTEL_EXPORTER_OLTP'];

const OF_NODE = ['NODE_OPTIONS', 'NODE_PATH', 'NODE_ENV', 'NODE_NO_WARNINGS', 'PATH', 'PORT', 'CI'];

interface Named {
  readonly place: string;
  readonly name: string;
  /** What it is set to, where it is. */
  readonly value: string | undefined;
}

/** Every OpenTelemetry variable that a page names anywhere, and every other that it sets, in code or in backticks. */
export function variablesOf({ path, text, fences }: Page): Named[] {
  const named = text.split('\n').flatMap((line, index) =>
    [...line.matchAll(/\b(OTEL_[A-Z0-9_]*[A-Z0-9])(?:=('[^']*'|"[^"]*"|[^\s`|)]*))?/g)].map(
      ([, name = '', value]) => ({
        place: `${path}:${index + 1}`,
        name,
        // A line of the log may complain of one.
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

/** What is wrong with a variable: nothing reads it, or what it is set to is refused. */
export function faultsOf({ place, name, value }: Named): string[] {
  if (MISSPELT.includes(name) || OF_OTHERS.test(name)) return [];
  // The prefix itself, in a sentence about it.
  if (name === PREFIX.slice(0, -1)) return [];
  if (name.startsWith(PREFIX) && !ours.includes(name.slice(PREFIX.length)))
    return [`${place}: ${name} is none of ours`];
  if (name.startsWith('OTEL_') && !name.startsWith(PREFIX) && !ofOpenTelemetry().has(name))
    return [`${place}: no installed OpenTelemetry package reads ${name}`];
  if (!name.startsWith('OTEL_') && !OF_NODE.includes(name) && !ownSources().includes(name))
    return [`${place}: nothing in this repository reads ${name}`];
  return value === undefined ? [] : refused(name, value).map(complaint => `${place}: ${complaint}`);
}

function refused(name: string, value: string): string[] {
  // A gap for the reader to fill.
  if (value === '' || /[…<$]/.test(value)) return [];
  const told = complaints({ [name]: value });
  const report = (complaint: string) => told.push(complaint);
  samplerFrom({ [name]: value }, report);
  readSettings({}, { [name]: value }, report);
  return told;
}

let read: Set<string> | undefined;
let own: string | undefined;

function ofOpenTelemetry(): ReadonlySet<string> {
  const home = join(ROOT, 'node_modules', '@opentelemetry');
  // Ours reads some of the specification's that no package does yet.
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
    // These name wrong ones on purpose.
    .filter(file => !file.includes(join('test', 'unit', 'docs')))
    .map(file => readFileSync(file, 'utf8'))
    .join('\n'));
}

function filesIn(folder: string, wanted: RegExp): string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // A package that is built to another place, or a folder that this version of the repository has not.
    return [];
  }
  return entries.flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path, wanted);
    return wanted.test(entry.name) ? [path] : [];
  });
}
