import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { preProcessFile } from 'typescript';
import * as published from '../../src';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../src/support/version';

const ROOT = join(__dirname, '../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly main: string;
  readonly types: string;
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

test('the instrumentation scope has the name and the version of the package', () => {
  expect([PACKAGE_NAME, PACKAGE_VERSION]).toEqual([manifest.name, manifest.version]);
});

test('the package exports what the documentation promises, and nothing by accident', () => {
  expect(Object.keys(published).sort()).toEqual([
    'KafkaInstrumentation',
    'KafkaJsInstrumentation',
    'TopicSampler',
    'eventContextExtractor',
    'eventLinks',
    'extractContext',
    'propagateContext',
    'withMessageSpan',
  ]);
});

describe('the exports map', () => {
  test('has four entries and the manifest', () => {
    expect(Object.keys(manifest.exports)).toEqual([
      '.',
      './register',
      './bundler',
      './hook.mjs',
      './package.json',
    ]);
  });

  const targets = Object.values(manifest.exports).flatMap(entry =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  test.each([...targets, manifest.main, manifest.types])(
    'leads to a file that exists or that the build creates: %s',
    target => {
      const source = target.replace(/^\.\/dist\/(.*?)(?:\.d\.(m?)ts|\.(m?)js)$/, './src/$1.$2$3ts');
      expect(existsSync(join(ROOT, source))).toBe(true);
      expect(target === './package.json' || manifest.files.some(file => target.startsWith(`./${file}`))).toBe(
        true,
      );
    },
  );
});

test('the published types import only packages that are installed with this one, so not kafkajs', () => {
  const imported = new Set<string>();
  const seen = new Set(
    ['index.d.ts', 'register.d.ts', 'bundler.d.mts'].map(file => join(ROOT, 'dist', file)),
  );
  for (const file of seen) {
    const { importedFiles, typeReferenceDirectives } = preProcessFile(readFileSync(file, 'utf8'));
    for (const { fileName } of [...importedFiles, ...typeReferenceDirectives]) {
      if (fileName.startsWith('.')) seen.add(`${join(dirname(file), fileName)}.d.ts`);
      else imported.add(fileName);
    }
  }
  expect(seen.size).toBeGreaterThan(5);
  expect(imported).toContain('@opentelemetry/api');
  const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const packageOf = (specifier: string) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  expect(
    [...imported].filter(name => !name.startsWith('node:') && !installed.includes(packageOf(name))),
  ).toEqual([]);
});
