/**
 * Creates folders outside the repository with installed packages. Symbolic links make this faster than a package
 * manager.
 */
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from './program';

const installedPath = (name: string): string => realpathSync(join(projectRoot, 'node_modules', name));

const THIS_PACKAGE = '@org/kafka-otel';

function link(target: string, place: string): void {
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
}

export function installPackages(folder: string): void {
  linkPackages(folder, ['kafkajs', '@opentelemetry/api', '@opentelemetry/sdk-node', THIS_PACKAGE]);
}

/** Links the named packages. `@org/kafka-otel` is a link to the repository. */
export function linkPackages(folder: string, names: readonly string[]): void {
  for (const name of names)
    link(name === THIS_PACKAGE ? projectRoot : installedPath(name), join(folder, 'node_modules', name));
}

/** Gives this package its own copy of the OpenTelemetry API, in another version than the program and the SDK use. */
export function installOtherApi(folder: string): void {
  const home = join(folder, 'node_modules/@org/kafka-otel');
  rmSync(home);
  cpSync(join(projectRoot, 'dist'), join(home, 'dist'), { recursive: true });
  const manifest = readFileSync(join(projectRoot, 'package.json'), 'utf8');
  writeFileSync(join(home, 'package.json'), manifest);
  const { dependencies } = JSON.parse(manifest) as { dependencies: object };
  for (const name of Object.keys(dependencies)) link(installedPath(name), join(home, 'node_modules', name));
  copyApi(join(home, 'node_modules/@opentelemetry/api'), '1.9.99');
}

/**
 * Gives the program an API package that reports version 1.10. Such a package does not find an SDK that was registered
 * with API 1.9.
 */
export function installNewerApi(folder: string): void {
  const place = join(folder, 'node_modules/@opentelemetry/api');
  rmSync(place);
  copyApi(place, '1.10.0');
}

function copyApi(place: string, version: string): void {
  cpSync(installedPath('@opentelemetry/api'), place, { recursive: true });
  for (const file of ['package.json', 'build/src/version.js']) {
    const text = readFileSync(join(place, file), 'utf8');
    writeFileSync(join(place, file), text.replace(/(["'])1\.9\.\d+\1/, `"${version}"`));
  }
}
