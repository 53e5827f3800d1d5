import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import { npmProgram } from './npm';

/** The archive that `npm publish` would upload. */
export interface Tarball {
  readonly file: string;
  /** Paths of the files in the package. */
  readonly paths: readonly string[];
}

/** A package name that every package manager can install. */
export const specifierOf = ({ file }: Tarball): string => `@org/kafka-otel@file:${file}`;

/** Packs the current build, which the npm script has updated. */
export function pack(folder: string): Tarball {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const printed = execFileSync(process.execPath, [npmProgram(), ...args], {
    cwd: projectRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(printed) as {
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  if (!packed) throw new Error(`\`npm pack --json\` listed no archive: ${printed}`);
  return { file: join(folder, packed.filename), paths: packed.files.map(({ path }) => path) };
}
