/** What a program loads, in order: its own files, and the packages that these files name. */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { owningPackage, resolveLinks, type Package } from '../support/packages';
import { PACKAGE_NAME } from '../support/version';
import { dependencyNames, findPackage, packageNameOf } from './packages';
import { readSource } from './source';
import { withExtension, type Start } from './start';

/** Much higher than the number of files of a real program. */
const MAX_FILES = 5000;

/** A file of the program, or of a package that depends on this one. */
export interface LoadedFile {
  readonly path: string;
  /** Without comments. */
  readonly code: string;
}

export type LoadingStep =
  | {
      readonly kind: 'package';
      readonly name: string;
      readonly specifier: string;
      readonly by: string;
      readonly found: Package | undefined;
    }
  /** The file has run. */
  | { readonly kind: 'file'; readonly file: LoadedFile };

export interface Loading {
  readonly steps: readonly LoadingStep[];
  /** In the order in which they start to run. */
  readonly files: readonly LoadedFile[];
  /** Files with a load whose target is not known or not found. */
  readonly unread: readonly string[];
}

export function followLoading({ entry, others, folder, options }: Start): Loading {
  const steps: LoadingStep[] = [];
  const files: LoadedFile[] = [];
  const seen = new Set<string>();
  const unread = new Set<string>();

  const visit = (path: string): void => {
    const real = resolveLinks(path);
    if (seen.has(real) || seen.size >= MAX_FILES || /\.(?:json|node)$/.test(real)) return;
    seen.add(real);
    const { code, loads } = readSource(readFileSync(real, 'utf8'));
    const file = { path: real, code };
    files.push(file);
    if (COMPUTED_LOAD.test(code)) unread.add(real);
    for (const specifier of loads) load(specifier, dirname(real), real);
    steps.push({ kind: 'file', file });
  };

  const load = (given: string, from: string, by: string): void => {
    // Deno names packages so: `npm:kafkajs@2`.
    const specifier = given.replace(/^npm:\/?(@?[^@]+)(?:@[^/]*)?/, '$1');
    const name = packageNameOf(specifier);
    if (name === undefined) {
      const file = withExtension(resolve(from, asPath(specifier)));
      if (file === undefined) {
        if (!/^(?:node|data):/.test(specifier)) unread.add(by);
        return;
      }
      const own = ownSpecifier(file);
      if (own === undefined) visit(file);
      else addStep(PACKAGE_NAME, own, by, owningPackage(file));
      return;
    }
    const found = findPackage(name, from);
    addStep(name, specifier, by, found);
    const inside = found && isFollowed(found) ? withExtension(mainOf(found, specifier)) : undefined;
    if (inside !== undefined) visit(inside);
  };

  const addStep = (name: string, specifier: string, by: string, found: Package | undefined): void => {
    steps.push({ kind: 'package', name, specifier, by, found });
  };

  for (const preload of options.preloads) load(preload, folder, '');
  for (const file of [entry, ...others]) visit(file);
  return { steps, files, unread: [...unread] };
}

/** A load of a file whose name is computed. */
const COMPUTED_LOAD = /(?<![\w$.])(?:require|import)\s*\(\s*(?!['"`]|\s*\))/;

const asPath = (specifier: string): string =>
  specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;

/** The specifier that stands for a file of this package. Containers preload the package by its path. */
function ownSpecifier(file: string): string | undefined {
  const real = realpathSync(file);
  const owner = owningPackage(real, ({ name }) => name !== '');
  if (owner?.name !== PACKAGE_NAME) return undefined;
  const inside = relative(owner.folder, real).replace(/\\/g, '/');
  if (inside === 'dist/index.js') return PACKAGE_NAME;
  return inside === 'dist/register.js' ? `${PACKAGE_NAME}/register` : undefined;
}

/**
 * True for a package whose files are read as part of the program: one of the same workspace, or one that depends on this
 * package.
 */
function isFollowed({ name, folder, manifest }: Package): boolean {
  if (name === PACKAGE_NAME) return false;
  return !/[\\/]node_modules[\\/]/.test(folder) || dependencyNames(manifest).includes(PACKAGE_NAME);
}

function mainOf({ name, folder, manifest }: Package, specifier: string): string {
  const inside = specifier.slice((packageNameOf(specifier) ?? name).length + 1);
  return join(folder, inside === '' ? (manifest.main ?? 'index.js') : inside);
}
