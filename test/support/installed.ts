/** Lays packages out in a folder as a package manager would, far from this repository. */
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from './program';

const built = (name: string): string => realpathSync(join(projectRoot, 'node_modules', name));

const OURS = '@org/kafka-otel';

function link(target: string, place: string): void {
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
}

/** kafkajs, the API, the SDK and this package. */
export function installPackages(folder: string): void {
  linkPackages(folder, ['kafkajs', '@opentelemetry/api', '@opentelemetry/sdk-node', OURS]);
}

/** The named packages, ours among them or not. */
export function linkPackages(folder: string, names: readonly string[]): void {
  for (const name of names)
    link(name === OURS ? projectRoot : built(name), join(folder, 'node_modules', name));
}

/** Puts a copy of the API beneath this package, in a version that is not that of the program and of the SDK. */
export function installOtherApi(folder: string): void {
  const home = join(folder, 'node_modules/@org/kafka-otel');
  rmSync(home);
  cpSync(join(projectRoot, 'dist'), join(home, 'dist'), { recursive: true });
  const manifest = readFileSync(join(projectRoot, 'package.json'), 'utf8');
  writeFileSync(join(home, 'package.json'), manifest);
  const { dependencies } = JSON.parse(manifest) as { dependencies: object };
  for (const name of Object.keys(dependencies)) link(built(name), join(home, 'node_modules', name));
  copyApi(join(home, 'node_modules/@opentelemetry/api'), '1.9.99');
}

/** Gives the program a copy of the API that calls itself 1.10, for which an SDK of 1.9 is none. */
export function installNewerApi(folder: string): void {
  const place = join(folder, 'node_modules/@opentelemetry/api');
  rmSync(place);
  copyApi(place, '1.10.0');
}

function copyApi(place: string, version: string): void {
  cpSync(built('@opentelemetry/api'), place, { recursive: true });
  for (const file of ['package.json', 'build/src/version.js']) {
    const text = readFileSync(join(place, file), 'utf8');
    writeFileSync(join(place, file), text.replace(/(["'])1\.9\.\d+\1/, `"${version}"`));
  }
}
