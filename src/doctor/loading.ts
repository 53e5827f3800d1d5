/** What a program loads, in order: its own files, followed from one to the next, and the packages that they name. */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  findPackage,
  owningPackage,
  packageNameOf,
  dependencyNames,
  placeOf,
  type Package,
} from './packages';
import { readSource } from './source';
import { withExtension, type Start } from './start';
import { PACKAGE_NAME } from '../support/version';

/** Files looked at; a program has fewer, a mistake in here has not. */
const MAX_FILES = 5000;

/** A file of the program, or of a package that brings this instrumentation along. */
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
  /** The file has run to its end. */
  | { readonly kind: 'file'; readonly file: LoadedFile };

export interface Loading {
  readonly steps: readonly LoadingStep[];
  /** In the order in which they begin. */
  readonly files: readonly LoadedFile[];
}

export function followLoading({ entry, folder, options }: Start): Loading {
  const steps: LoadingStep[] = [];
  const files: LoadedFile[] = [];
  const seen = new Set<string>();

  const visit = (path: string): void => {
    const real = placeOf(path);
    if (seen.has(real) || seen.size >= MAX_FILES || /\.(?:json|node)$/.test(real)) return;
    seen.add(real);
    const { code, loads } = readSource(readFileSync(real, 'utf8'));
    const file = { path: real, code };
    files.push(file);
    for (const specifier of loads) load(specifier, dirname(real), real);
    steps.push({ kind: 'file', file });
  };

  const load = (specifier: string, from: string, by: string): void => {
    const name = packageNameOf(specifier);
    if (name === undefined) {
      const file = withExtension(resolve(from, asPath(specifier)));
      if (file === undefined) return;
      const own = ownSpecifier(file);
      if (own === undefined) visit(file);
      else step(PACKAGE_NAME, own, by, owningPackage(dirname(file)));
      return;
    }
    const found = findPackage(name, from);
    step(name, specifier, by, found);
    const inside = found && isFollowed(found) ? withExtension(mainOf(found, specifier)) : undefined;
    if (inside !== undefined) visit(inside);
  };

  const step = (name: string, specifier: string, by: string, found: Package | undefined): void => {
    steps.push({ kind: 'package', name, specifier, by, found });
  };

  for (const preload of options.preloads) load(preload, folder, '');
  visit(entry);
  return { steps, files };
}

const asPath = (specifier: string): string =>
  specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;

/** What a path into a copy of this package would be called by name: containers preload it by its path. */
function ownSpecifier(file: string): string | undefined {
  const owner = owningPackage(dirname(realpathSync(file)), ({ name }) => name !== '');
  if (owner?.name !== PACKAGE_NAME) return undefined;
  const inside = relative(owner.folder, realpathSync(file)).replace(/\\/g, '/');
  if (inside === 'dist/index.js') return PACKAGE_NAME;
  return inside === 'dist/register.js' ? `${PACKAGE_NAME}/register` : undefined;
}

/** A workspace's own package is part of the program; so is one that depends on us: a company's tracing package. */
function isFollowed({ name, folder, manifest }: Package): boolean {
  if (name === PACKAGE_NAME) return false;
  return !/[\\/]node_modules[\\/]/.test(folder) || dependencyNames(manifest).includes(PACKAGE_NAME);
}

function mainOf({ name, folder, manifest }: Package, specifier: string): string {
  const inside = specifier.slice((packageNameOf(specifier) ?? name).length + 1);
  return join(folder, inside === '' ? (manifest.main ?? 'index.js') : inside);
}
