import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import { npmProgram } from './npm';

/** What `npm publish` would send. */
export interface Tarball {
  readonly file: string;
  /** Paths inside the package. */
  readonly paths: readonly string[];
}

/** The specifier that every package manager takes for it. */
export const ours = ({ file }: Tarball): string => `@org/kafka-otel@file:${file}`;

/** Packs what is built; the npm script that runs this has built it. */
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
  if (!packed) throw new Error(`npm pack made nothing: ${printed}`);
  return { file: join(folder, packed.filename), paths: packed.files.map(({ path }) => path) };
}
