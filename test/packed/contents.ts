import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import type { Tarball } from './tarball';

const inside = (folder: string): string => join(folder, 'node_modules/@org/kafka-otel');

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

/** Check: the package has the required files, and no tests, sources or configuration files. */
export function hasRequiredFiles({ paths }: Tarball): void {
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json', 'hook.mjs'])
    assert.ok(paths.includes(file), `${file} is not in the package`);
  const unexpected = paths.filter(
    path => !/^(dist\/.+\.(m?js|m?js\.map|d\.m?ts)|[A-Z]+(\.md)?|package\.json|hook\.mjs)$/.test(path),
  );
  assert.deepEqual(unexpected, []);
}

/** Check: every compiled file has a source map that includes the source text. */
export function hasSourceMaps(folder: string): void {
  const files = scripts(folder);
  assert.ok(files.length > 50, `found only ${files.length} files`);
  for (const file of files) {
    const code = readFileSync(file, 'utf8');
    const [, name] = /^\/\/# sourceMappingURL=(.+)$/m.exec(code) ?? [];
    assert.ok(name !== undefined && existsSync(join(file, '..', name)), `${file} has no source map`);
    const { sources, sourcesContent = [] } = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMap;
    assert.equal(sourcesContent.length, sources.length, `${file}.map has no sources`);
    for (const [index, source] of sources.entries()) {
      assert.match(source, /src\/.+\.m?ts$/);
      assert.ok(sourcesContent[index], `${file}.map does not contain ${source}`);
    }
  }
}

/**
 * Check: `dependencies` lists every package that the compiled files require. Dev dependencies are not installed here.
 * Optional packages are looked up with `require.resolve` only.
 */
export function requiresWhatItDeclares(folder: string): void {
  const manifest = JSON.parse(readFileSync(join(inside(folder), 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const declared = [...Object.keys(manifest.dependencies), '@opentelemetry/api'];
  for (const file of scripts(folder)) {
    const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
    const required = importedFiles.map(({ fileName }) => fileName);
    for (const name of required.filter(each => !each.startsWith('.') && !isBuiltin(each))) {
      assert.ok(
        declared.some(each => name === each || name.startsWith(`${each}/`)),
        `${file} requires ${name}, which is not a dependency`,
      );
      createRequire(file).resolve(name);
    }
  }
}

/** Returns the compiled files of the installed package. */
export function scripts(folder: string): string[] {
  const dist = join(inside(folder), 'dist');
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.js'))
    .map(path => join(dist, path));
}

const isBuiltin = (name: string): boolean => name.startsWith('node:') || builtinModules.includes(name);
