/** Installs packages into a folder outside the repository by symlink, as a package manager would. */
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from './program';

const installedPath = (name: string): string => realpathSync(join(projectRoot, 'node_modules', name));

const THIS_PACKAGE = '@org/kafka-otel';

function link(target: string, place: string): void {
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
}

/** kafkajs, the API, the SDK and this package. */
export function installPackages(folder: string): void {
  linkPackages(folder, ['kafkajs', '@opentelemetry/api', '@opentelemetry/sdk-node', THIS_PACKAGE]);
}

/** The named packages; this one links to the repository. */
export function linkPackages(folder: string, names: readonly string[]): void {
  for (const name of names)
    link(name === THIS_PACKAGE ? projectRoot : installedPath(name), join(folder, 'node_modules', name));
}

/** Gives this package its own copy of the API, in another version than the program and the SDK use. */
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

/** Gives the program an API that reports version 1.10; it does not see an SDK registered by API 1.9. */
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
