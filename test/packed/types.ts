import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import { run } from './command';
import type { Tools } from './tools';

export const COMPILERS = ['typescript-5.4', 'typescript-6', 'typescript-7'] as const;
export const RESOLUTIONS = ['node16', 'nodenext', 'bundler'] as const;

const strict = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  target: 'es2022',
  types: ['node'],
};

/**
 * Compiles a program in strict mode, as CommonJS and as an ES module, against the package in this folder.
 *
 * @throws Error with the messages of the compiler
 */
export async function compiles(
  folder: string,
  tools: Tools,
  compiler: (typeof COMPILERS)[number],
  resolution: (typeof RESOLUTIONS)[number],
): Promise<void> {
  const project = mkdtempSync(join(folder, 'typed-'));
  const files = ['consumer.ts', 'consumer.mts'];
  for (const file of files) cpSync(join(projectRoot, 'fixtures/packed/consumer.ts'), join(project, file));
  const compilerOptions = {
    ...strict,
    module: resolution === 'bundler' ? 'esnext' : resolution,
    moduleResolution: resolution,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { code, output } = await run({
    file: tools.file(compiler, 'bin/tsc'),
    args: ['-p', '.'],
    cwd: project,
  });
  assert.equal(code, 0, output);
}
