/** Finds what a program loads, in order: its own files, and the packages that these files name. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { foldersUpFrom, owningPackage, readPackage, resolveLinks, type Package } from '../support/packages';
import { PACKAGE_NAME } from '../support/version';
import {
  dependencyNames,
  fileOfAlias,
  fileOfPackage,
  findPackage,
  isFile,
  isInstalled,
  packageNameOf,
  targetsOfPackage,
  withExtension,
} from './resolve';
import { readSource } from './source';
import type { Start } from './start';

/** Yarn preloads these files in every program. They do not belong to the program. */
const YARN = /(?:^|[\\/])\.pnp\.(?:cjs|loader\.mjs)$/;

/** Limit for the number of files. Real programs have far fewer. */
const MAX_FILES = 5000;

/** Larger files are not read, because the doctor needs at least 20 bytes of memory for each byte of a file. */
const MAX_BYTES = 10_000_000;

/** A file of the program, or of another package that depends on this package. */
export interface LoadedFile {
  readonly path: string;
  /** The code of the file without comments. */
  readonly code: string;
  /** Specifiers that the file loads only under a condition. */
  readonly conditional: ReadonlySet<string>;
  /** Specifiers whose files may be missing, because the load is conditional or its error is handled. */
  readonly optional: ReadonlySet<string>;
}

export type LoadingStep =
  | {
      readonly kind: 'package';
      readonly name: string;
      readonly specifier: string;
      readonly by: string;
      readonly found: Package | undefined;
    }
  /** Comes after the steps of everything that the file loads. */
  | { readonly kind: 'file'; readonly file: LoadedFile };

export interface Loading {
  readonly steps: readonly LoadingStep[];
  /** In the order in which the files start to run. */
  readonly files: readonly LoadedFile[];
  /** Files that load a module that the doctor could not find, or load a module by a computed name. */
  readonly unread: readonly string[];
  /** Files that the program loads, and that cannot be read. */
  readonly unreadable: readonly UnreadableFile[];
  /**
   * Files and packages that the program needs, but that do not exist. Names that may be an alias of a bundler are left
   * out.
   */
  readonly missing: readonly MissingFile[];
  /** For each file, the files that load it. A file without an entry is loaded by Node.js or by a framework. */
  readonly importers: ReadonlyMap<string, readonly Importer[]>;
}

interface UnreadableFile {
  readonly path: string;
  /** For example `EACCES`. */
  readonly reason: string;
}

interface MissingFile {
  readonly specifier: string;
  /** The file that loads the missing file. Empty for a preload. */
  readonly by: string;
  /** The package that is not installed. */
  readonly packageName?: string;
  /** Set if a package of the workspace is not built yet: the package, and the file that its build must create. */
  readonly unbuilt?: { readonly found: Package; readonly target: string };
}

interface Importer {
  readonly file: string;
  readonly specifier: string;
  readonly isConditional: boolean;
  readonly isOptional: boolean;
}

export function followLoading({ entry, others, folder, options }: Start): Loading {
  const steps: LoadingStep[] = [];
  const files: LoadedFile[] = [];
  const seen = new Set<string>();
  const unread = new Set<string>();
  const unreadable: UnreadableFile[] = [];
  const missing: MissingFile[] = [];
  const importers = new Map<string, Importer[]>();

  const visit = (path: string, importer?: Importer): void => {
    const real = resolveLinks(path);
    if (importer) importers.set(real, [...(importers.get(real) ?? []), importer]);
    if (seen.has(real) || seen.size >= MAX_FILES || /\.(?:json|node)$/.test(real)) return;
    seen.add(real);
    const text = readProgramFile(real);
    if (typeof text !== 'string') {
      unreadable.push({ path: real, ...text });
      unread.add(real);
      return;
    }
    const { loads, ...source } = readSource(text);
    const file = { path: real, ...source };
    files.push(file);
    if (OTHER_LOAD.test(file.code)) unread.add(real);
    for (const specifier of loads) load(specifier, dirname(real), real);
    steps.push({ kind: 'file', file });
  };

  const load = (given: string, from: string, by: string): void => {
    // In Deno, the specifier of a package looks like `npm:kafkajs@2`.
    const specifier = given.replace(/^npm:\/?(@?[^@]+)(?:@[^/]*)?/, '$1');
    if (isBuiltin(specifier) || specifier.startsWith('data:')) return;
    const name = packageNameOf(specifier);
    const found = name === undefined ? undefined : findPackage(name, from);
    if (name !== undefined && found) {
      addStep(name, specifier, by, found);
      if (!isFollowed(found)) return;
    }
    const isPath = name === undefined && !specifier.startsWith('#');
    const file = found
      ? fileOfPackage(found, specifier)
      : isPath
        ? fileOfPath(specifier, from)
        : fileOfAlias(specifier, from);
    const own = file === undefined || found ? undefined : ownSpecifier(file);
    if (own !== undefined && file !== undefined) addStep(PACKAGE_NAME, own, by, owningPackage(file));
    else if (file !== undefined) {
      visit(file, by === '' ? undefined : importOf(by, given));
    } else if (isPath && !isDeclared(specifier, from)) {
      unread.add(by);
      missing.push({ specifier: given, by });
    }
    // A name such as `@/producer` is an alias that only a bundler knows.
    else if (name === undefined || found || name.startsWith('@/')) {
      unread.add(by);
      const target = found && unbuiltTarget(found, specifier);
      if (found && target !== undefined) missing.push({ specifier: given, by, unbuilt: { found, target } });
    } else {
      addStep(name, specifier, by, undefined);
      // Packages with the prefix `npm:` are never missing, because Deno installs them itself.
      if (given === specifier && (by === '' || isListed(name, from)))
        missing.push({ specifier, by, packageName: name });
    }
  };

  const importOf = (by: string, specifier: string): Importer => {
    const file = files.find(({ path }) => path === by);
    const isConditional = file?.conditional.has(specifier) === true;
    return { file: by, specifier, isConditional, isOptional: file?.optional.has(specifier) === true };
  };

  const addStep = (name: string, specifier: string, by: string, found: Package | undefined): void => {
    steps.push({ kind: 'package', name, specifier, by, found });
  };

  for (const preload of options.preloads) if (!YARN.test(preload)) load(preload, folder, '');
  for (const file of [entry, ...others]) visit(file);
  const needed = missing.filter(
    ({ specifier, by }) =>
      by === '' ||
      (!importOf(by, specifier).isOptional &&
        isReached({ importers }, by, { importer: ({ isOptional }) => !isOptional })),
  );
  return { steps, files, unread: [...unread], unreadable, missing: needed, importers };
}

function readProgramFile(path: string): string | { readonly reason: string } {
  try {
    if (statSync(path).size > MAX_BYTES) return { reason: `it is larger than ${MAX_BYTES / 1e6} MB` };
    return readFileSync(path, 'utf8');
  } catch (error) {
    return { reason: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

/** All files that load this file, directly or through other files. */
export function importersOf(
  loading: Pick<Loading, 'importers'>,
  file: string,
  seen = new Set<string>(),
): Importer[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const direct = loading.importers.get(file) ?? [];
  return direct.flatMap(each => [each, ...importersOf(loading, each.file, seen)]);
}

/**
 * True if the program loads this file, directly or through other files. With `accepts`, only some imports count, and
 * only some of the files that Node.js or a framework loads first.
 */
export function isReached(
  loading: Pick<Loading, 'importers'>,
  file: string,
  accepts: {
    readonly first?: (file: string) => boolean;
    readonly importer?: (importer: Importer) => boolean;
  },
  seen = new Set<string>(),
): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  const loadedBy = loading.importers.get(file);
  if (!loadedBy) return accepts.first?.(file) ?? true;
  return loadedBy.some(
    each => (accepts.importer?.(each) ?? true) && isReached(loading, each.file, accepts, seen),
  );
}

/** Matches code that loads a file with a computed name, or starts another thread or process. */
const OTHER_LOAD =
  /(?<![\w$.])(?:require|import)\s*\(\s*(?:(?!['"`]|\s*\))|['"`][^'"`\n]*(?:\$\{|['"`]\s*\+))|\bnew\s+(?:[\w$]+\.)?Worker\s*\(|\bfork\s*\(/;

/** The file to which a relative or absolute path leads. The path may be a URL with a query, as ES modules allow. */
const fileOfPath = (specifier: string, from: string): string | undefined =>
  pathsOf(specifier, from)
    .map(withExtension)
    .find(file => file !== undefined);

function pathsOf(specifier: string, from: string): string[] {
  try {
    const url = new URL(specifier, pathToFileURL(`${from}/`));
    const inUrl = url.protocol === 'file:' ? [fileURLToPath(url)] : [];
    return specifier.startsWith('file:') ? inUrl : [resolve(from, specifier), ...inUrl];
  } catch {
    return specifier.startsWith('file:') ? [] : [resolve(from, specifier)];
  }
}

/** True if there is only a `.d.ts` file. Compilers remove imports of such files. */
const isDeclared = (specifier: string, from: string): boolean =>
  pathsOf(specifier, from).some(path => isFile(`${path.replace(/\.[cm]?js$/, '')}.d.ts`));

/** True if a package.json lists this package. Another name may be an alias that only a bundler knows. */
const isListed = (name: string, from: string): boolean =>
  [...foldersUpFrom(from)].some(folder => {
    const found = readPackage(folder);
    return found !== undefined && dependencyNames(found).includes(name);
  });

/**
 * The file that a package of the workspace does not have yet, because it is not built. `undefined` if there is a
 * `.d.ts` file instead: compilers remove imports of such files.
 */
function unbuiltTarget(found: Package, specifier: string): string | undefined {
  if (isInstalled(found)) return undefined;
  const [target] = targetsOfPackage(found, specifier);
  return target === undefined || isDeclared(`./${target}`, found.folder)
    ? undefined
    : target.replace(/^\.\//, '');
}

/** Containers may preload this package by a path. For such a path, this function returns the import specifier. */
function ownSpecifier(file: string): string | undefined {
  const real = realpathSync(file);
  const owner = owningPackage(real, ({ name }) => name !== '');
  if (owner?.name !== PACKAGE_NAME) return undefined;
  const inside = relative(owner.folder, real).replace(/\\/g, '/');
  if (inside === 'dist/index.js') return PACKAGE_NAME;
  return inside === 'dist/register.js' ? `${PACKAGE_NAME}/register` : undefined;
}

/**
 * True if the files of the package must be read like the program's own files. This is the case for packages of the same
 * workspace, and for packages that depend on this package.
 */
const isFollowed = (found: Package): boolean =>
  found.name !== PACKAGE_NAME && (!isInstalled(found) || dependencyNames(found).includes(PACKAGE_NAME));
