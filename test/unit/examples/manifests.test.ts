import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { CONFLUENT, CONFLUENT_VERSIONS } from '../../support/confluent';
import { isFrameworkExample } from '../../support/frameworks';

const ROOT = join(__dirname, '..', '..', '..');
const EXAMPLES = join(ROOT, 'examples');
const REGISTER = '@org/kafka-otel/register';

interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');
const manifestOf = (...folder: string[]): Manifest => JSON.parse(read(...folder, 'package.json')) as Manifest;
const ours = manifestOf();

const examples = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(({ name }) => name);

/** Returns the programs of an example, without installed and built files. */
function sourcesOf(example: string): string[] {
  const folder = join(EXAMPLES, example);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.[cm]?[jt]s$/.test(file) && !/^(node_modules|dist)\b/.test(file))
    .map(file => join(folder, file));
}

const packageOf = (specifier: string): string => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;

/** Returns the packages that files import or require. */
function importedBy(files: readonly string[]): string[] {
  const specifiers = files.flatMap(file =>
    ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName),
  );
  return specifiers
    .filter(name => !/^(\.|node:)/.test(name) && !builtinModules.includes(name))
    .map(packageOf);
}

/**
 * Packages that a program needs without importing them: preloads, packages that `register` looks for, and peer
 * dependencies of this package.
 */
function loadedBy(example: string, scripts: Manifest['scripts']): string[] {
  const isZeroCode = Object.values(scripts).some(script => script.includes(REGISTER));
  return [
    '@org/kafka-otel',
    '@opentelemetry/api',
    ...(isZeroCode ? ['@opentelemetry/sdk-node'] : []),
    // Next.js itself creates spans for HTTP requests.
    ...(isZeroCode && example !== 'nextjs' ? ['@opentelemetry/auto-instrumentations-node'] : []),
    ...(LOADED_BY_FRAMEWORKS[example] ?? []),
  ];
}

const LOADED_BY_FRAMEWORKS: Readonly<Record<string, readonly string[]>> = {
  nestjs: ['@nestjs/platform-express', 'kafkajs'],
  nextjs: ['next', 'react', 'react-dom'],
};

/** Packages that compile an example in TypeScript. */
function compiledWith(files: readonly string[]): string[] {
  if (!files.some(file => file.endsWith('.ts'))) return [];
  const types = importedBy(files).map(name => `@types/${name}`);
  return ['typescript', '@types/node', ...types.filter(name => existsSync(join(ROOT, 'node_modules', name)))];
}

/** Returns the version that the tests use. */
function versionOf(name: string): string {
  if (name === CONFLUENT) return CONFLUENT_VERSIONS.newest;
  const { version = '' } = name === ours.name ? ours : manifestOf('node_modules', name);
  return version;
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

test('the index lists every example, and no other', () => {
  const listed = read('examples', 'README.md').matchAll(/\]\(([\w-]+)\/README\.md\)/g);
  expect(sorted(Array.from(listed, ([, name = '']) => name))).toEqual(sorted(examples));
});

describe.each(examples)('%s', example => {
  const manifest = manifestOf('examples', example);
  const readme = read('examples', example, 'README.md');
  const sources = sourcesOf(example);

  test('has the name of its folder, a start script and a test', () => {
    expect(manifest.name).toBe(example);
    expect(Object.keys(manifest.scripts)).toContain('start');
    const tests = ['e2e/examples', 'loaders'].map(folder => join(ROOT, 'test', folder, `${example}.test.ts`));
    expect(tests.some(existsSync)).toBe(true);
  });

  test('depends exactly on what its files import and its scripts load', () => {
    expect(sorted(Object.keys(manifest.dependencies))).toEqual(
      sorted([...importedBy(sources), ...loadedBy(example, manifest.scripts)]),
    );
    expect(sorted(Object.keys(manifest.devDependencies ?? {}))).toEqual(sorted(compiledWith(sources)));
  });

  test('accepts the versions that it is tested with', () => {
    expect(manifest.dependencies['@org/kafka-otel']).toBe(`^${ours.version ?? ''}`);
    // The test of this example installs the versions in its package.json.
    if (isFrameworkExample(example)) return;
    const asked = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const unmet = asked.filter(([name, range]) => {
      return !isWithin(versionOf(name), range);
    });
    expect(unmet).toEqual([]);
  });

  test('has a README with its scripts, its traces and no broken links', () => {
    const scripts = Array.from(
      readme.matchAll(/npm (?:run )?(start\b(?!:)|[\w:]+)/g),
      ([, script = '']) => script,
    );
    expect(sorted(scripts.filter(script => script !== 'install'))).toEqual(
      sorted(Object.keys(manifest.scripts)),
    );
    expect(readme).toMatch(/```text\n[^`]*topic [^`]*```/);
    const links = Array.from(readme.matchAll(/\]\(([^)]+)\)/g), ([, link = '']) => link);
    expect(links.filter(link => !existsSync(join(EXAMPLES, example, link)))).toEqual([]);
  });
});

/** Supports `^1.2.3` and `~1.2.3`. The examples use no other ranges. */
function isWithin(version: string, range: string): boolean {
  const numbers = (text: string) => text.split('.').map(Number);
  const [major = 0, minor = 0, patch = 0] = numbers(version);
  const [fromMajor = 0, fromMinor = 0, fromPatch = 0] = numbers(range.slice(1));
  const isFixedMinor = range.startsWith('~') || fromMajor === 0;
  if (major !== fromMajor || (isFixedMinor && minor !== fromMinor)) return false;
  return minor > fromMinor || (minor === fromMinor && patch >= fromPatch);
}
