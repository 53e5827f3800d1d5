/** Decides whether and how `register` instruments this process. Imports no OpenTelemetry package. */

import { realpathSync } from 'node:fs';
import { readList, readVariable, type Environment } from '../config/environment';
import { owningPackage } from '../support/packages';

/** `attach` installs only the instrumentation, because the program starts an SDK itself. `start` also starts an SDK. */
export type Mode = 'off' | 'attach' | 'start';

type Runtime = 'bun' | 'deno';

const REGISTERED = Symbol.for('kafka-otel.register');

/** True for the first caller in this thread, even if several copies of this package are loaded. */
export function claimProcess(): boolean {
  if (Object.hasOwn(globalThis, REGISTERED)) return false;
  Object.defineProperty(globalThis, REGISTERED, { value: true });
  return true;
}

export function chooseMode(env: Environment): Mode {
  if (readLowerCase(env, 'OTEL_SDK_DISABLED') === 'true') return 'off';
  return readLowerCase(env, 'OTEL_INSTRUMENTATION_KAFKA_REGISTER') === 'attach' ? 'attach' : 'start';
}

export function registerProblems(env: Environment): string[] {
  const allowed = {
    OTEL_INSTRUMENTATION_KAFKA_REGISTER: ['attach'],
    OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER: ['true', 'false'],
  };
  return Object.entries(allowed).flatMap(([name, values]) => {
    const value = readLowerCase(env, name);
    return value === undefined || values.includes(value)
      ? []
      : [`${name} is "${value}", which is not allowed and is ignored. Allowed: ${values.join(', ')}`];
  });
}

/**
 * Returns the client libraries that `OTEL_NODE_ENABLED_INSTRUMENTATIONS` and `OTEL_NODE_DISABLED_INSTRUMENTATIONS`
 * allow. In these variables, the name `kafka` means all client libraries.
 */
export function wantedClients<Library extends { readonly instrumentationName: string }>(
  libraries: readonly Library[],
  env: Environment,
): Library[] {
  const enabled = readList(env, 'OTEL_NODE_ENABLED_INSTRUMENTATIONS');
  const disabled = readList(env, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS');
  return libraries.filter(({ instrumentationName }) => {
    const isNamed = (list: readonly string[]) => list.includes(instrumentationName) || list.includes('kafka');
    return !isNamed(disabled) && (enabled.length === 0 || isNamed(enabled));
  });
}

/** The JavaScript runtime, if it is not Node.js. */
export function otherRuntime(versions: Readonly<Record<string, string | undefined>>): Runtime | undefined {
  if (versions.bun !== undefined) return 'bun';
  return versions.deno === undefined ? undefined : 'deno';
}

/**
 * Whether `register` installs the ESM loader hook. False if a variable switches the hook off, and in these cases:
 * - Bun, which has no loader hooks.
 * - Deno: with a loader hook, Deno 2.9 parses required JSON files as JavaScript.
 * - `node -e` and similar starts: they rarely load ES modules. In Node 24 and 26, a synchronous hook makes `node -e` crash.
 * - The user passes a loader hook: a second one would wrap every module twice.
 */
export function wantsEsmLoader(
  env: Environment,
  {
    argv,
    execArgv,
    versions,
  }: Pick<NodeJS.Process, 'argv' | 'execArgv'> & { readonly versions: Parameters<typeof otherRuntime>[0] },
): boolean {
  if (otherRuntime(versions)) return false;
  if (readLowerCase(env, 'OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER') === 'false') return false;
  if (argv[1] === undefined || execArgv.some(flag => /^(-e|-p|-pe|--eval|--print)(=|$)/.test(flag)))
    return false;
  const flags = [...execArgv, env.NODE_OPTIONS ?? ''].join(' ');
  return !/(import-in-the-middle|@opentelemetry\/instrumentation|kafka-otel)\/hook\.mjs/.test(flags);
}

const readLowerCase = (env: Environment, name: string): string | undefined =>
  readVariable(env, name)?.toLowerCase();

const PACKAGE_MANAGERS: readonly string[] = ['npm', 'npx', 'pnpm', 'yarn', '@yarnpkg/cli', 'corepack'];

/** Yarn may be a single file in the project's repository or in corepack's cache, without a package.json. */
const SINGLE_FILE = /[\\/](\.yarn[\\/]releases|corepack[\\/]v\d+)[\\/]/;

/**
 * True if the main script is npm, npx, pnpm, yarn or corepack. With `NODE_OPTIONS=--require …`, these tools preload this
 * package too and would appear as services in the traces. The programs that they start are still instrumented.
 */
export function isPackageManager(mainScript: string | undefined, env: Environment): boolean {
  const script = realPath(mainScript);
  if (script === undefined) return false;
  if (SINGLE_FILE.test(script) || script === realPath(env.npm_execpath)) return true;
  const owner = owningPackage(script, ({ name }) => name !== '');
  return owner !== undefined && PACKAGE_MANAGERS.includes(owner.name);
}

function realPath(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : realpathSync(path);
  } catch {
    return undefined;
  }
}
