import { dirname, relative } from 'node:path';
import { chooseMode } from '../register/mode';
import type { Package } from '../support/packages';
import { PACKAGE_NAME } from '../support/version';
import type { Place } from './finding';
import { followLoading, type LoadedFile, type Loading, type LoadingStep } from './modules';
import { dependencyNames, findPackage, reachablePackages } from './resolve';
import { findStart, readEnvFiles, type Start, type StartRequest } from './start';

export interface Program {
  readonly start: Start;
  readonly loading: Loading;
  readonly wiring: Wiring | undefined;
  readonly ownSdk: OwnSdk | undefined;
  /** The copy of this package that the program loads. */
  readonly own: Package | undefined;
  /** True if `register` starts an SDK, because the environment allows it and the program has not started one before. */
  readonly startsSdk: boolean;
  /** The SDK that exports the spans. */
  readonly sdk: Package | undefined;
  readonly nodeVersion: string;
  /** Every copy of a package that the program can load. */
  readonly copies: (name: string) => readonly Package[];
  /** The packages, including the program's own, that load this copy of a package. */
  readonly dependents: (copy: Package) => readonly Package[];
  /** Shortens a path for messages: a path inside the program's folder becomes relative. */
  readonly shortPath: (path: string) => string;
}

/**
 * Returns the file and the line of the first match. Without a match, returns only the file. Returns `undefined` if the
 * path is empty.
 */
export function placeOf(
  { loading, shortPath }: Program,
  path: string,
  wanted?: string | RegExp,
): Place | undefined {
  if (path === '') return undefined;
  const code = loading.files.find(each => each.path === path)?.code ?? '';
  const index =
    wanted === undefined ? -1 : typeof wanted === 'string' ? code.indexOf(wanted) : code.search(wanted);
  const file = shortPath(path);
  return index < 0 ? { file } : { file, line: code.slice(0, index).split('\n').length };
}

/** Names the place where a module is preloaded, for messages. */
export function preloadSource({ start: { origins } }: Program, module: string): string {
  const named = origins.find(({ preloads }) => preloads.some(each => each.includes(module)));
  return (named ?? origins.find(({ preloads }) => preloads.length > 0))?.place ?? 'a preload';
}

export function readProgram(request: StartRequest, nodeVersion: string): Program {
  const found = findStart(request);
  const loading = followLoading(found);
  const wiring = findWiring(loading);
  const ownSdk = findOwnSdk(loading);
  const start = withDotenv(found, loading, Math.min(wiring?.at ?? Infinity, ownSdk?.at ?? Infinity));
  const startsSdk =
    (wiring?.kind === 'register' || (wiring?.kind === 'inlined' && wiring.hasRegister)) &&
    chooseMode(start.environment) === 'start' &&
    (ownSdk === undefined || ownSdk.at > wiring.at);
  const own = wiring?.copy ?? findPackage(PACKAGE_NAME, dirname(start.entry));
  const loaded = loading.steps.flatMap(step => (step.kind === 'package' && step.found ? [step.found] : []));
  const all = reachablePackages([...(start.project ? [start.project] : []), ...loaded]);
  const copies = (name: string) => all.filter(each => each.name === name);
  const dependents = (copy: Package) =>
    all.filter(
      each =>
        dependencyNames(each).includes(copy.name) &&
        findPackage(copy.name, each.folder)?.folder === copy.folder,
    );
  return {
    start,
    loading,
    wiring,
    ownSdk,
    own,
    startsSdk,
    sdk: startsSdk ? findSdkForRegister(start, own) : ownSdk?.step.found,
    nodeVersion,
    copies,
    dependents,
    shortPath: path => {
      const short = relative(start.folder, path);
      return short.startsWith('..') || short === '' ? path : short;
    },
  };
}

/** Adds the variables that dotenv reads, if the program loads dotenv before OpenTelemetry reads its variables. */
function withDotenv(start: Start, { steps, files }: Loading, before: number): Start {
  const at = steps.findIndex(step => step.kind === 'package' && step.name === 'dotenv');
  if (at < 0 || at > before) return start;
  const paths = files.flatMap(
    ({ code }) => /\bconfig\s*\(\s*\{\s*path\s*:\s*['"`]([^'"`]+)/.exec(code)?.[1] ?? [],
  );
  const variables = readEnvFiles(paths.length > 0 ? paths : ['.env'], start.folder);
  return { ...start, environment: { ...variables, ...start.environment } };
}

/** Finds the SDK that `register` would start. Searches the same places as `register`. */
function findSdkForRegister(start: Start, own: Package | undefined): Package | undefined {
  const places = [...(own ? [own.folder] : []), start.folder, dirname(start.entry)];
  for (const place of places) {
    const sdk = findPackage('@opentelemetry/sdk-node', place);
    if (sdk) return sdk;
  }
  return undefined;
}

export const REGISTER = `${PACKAGE_NAME}/register`;

/** Describes how the program loads this package. */
export type Wiring = {
  /** The index in `Loading.steps` of the first step that loads this package. */
  readonly at: number;
  /** The file that loads this package. Empty if it is preloaded. */
  readonly by: string;
  readonly specifier: string;
  readonly copy: Package | undefined;
} & (
  | { readonly kind: 'register' }
  /** A file of the program creates the instrumentation. */
  | { readonly kind: 'own'; readonly file: LoadedFile }
  /** A bundler has put this package into a file of the program. */
  | { readonly kind: 'inlined'; readonly file: LoadedFile; readonly hasRegister: boolean }
);

type PackageStep = Extract<LoadingStep, { kind: 'package' }>;

/** Matches the classes, but not helpers such as `withMessageSpan`, because these install nothing. */
export const INSTRUMENTATION_CLASS = /\bKafka(?:Js)?Instrumentation\b/;

export const NEW_INSTANCE = /\bnew\s+(?:\w+\.)?Kafka(?:Js)?Instrumentation\b/;

function findWiring({ steps, files }: Loading): Wiring | undefined {
  const uses = steps.flatMap((step, at) =>
    step.kind === 'package' && step.name === PACKAGE_NAME ? [{ step, at }] : [],
  );
  const register = uses.find(({ step }) => step.specifier === REGISTER);
  if (register) return { kind: 'register', at: register.at, ...wiringOf(register.step) };
  for (const { step, at } of uses) {
    const file = files.find(({ path }) => path === step.by);
    if (file && INSTRUMENTATION_CLASS.test(file.code)) return { kind: 'own', file, at, ...wiringOf(step) };
  }
  return findInlined(files);
}

const wiringOf = ({ by, specifier, found }: PackageStep) => ({ by, specifier, copy: found });

/** Parts of this package's messages. A minifier keeps them, so they reveal this package in a bundle. */
const SIGNATURE = 'instrumentModule got a module that is not a supported client library';
const REGISTER_SIGNATURE = 'kafka-otel: not started, the program runs without telemetry';

/** The name of an environment variable that only the SDK reads. */
const SDK_SIGNATURE = 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE';

function findInlined(files: readonly LoadedFile[]): Wiring | undefined {
  const file = files.find(({ code }) => code.includes(SIGNATURE));
  if (!file) return undefined;
  const hasRegister = file.code.includes(REGISTER_SIGNATURE);
  return { kind: 'inlined', file, hasRegister, at: 0, by: file.path, specifier: '', copy: undefined };
}

/** True if a bundler has put an SDK into a file of the program. */
export const hasInlinedSdk = ({ files }: Loading): boolean =>
  files.some(({ code }) => code.includes(SDK_SIGNATURE));

/** Packages that are an OpenTelemetry SDK or that start one. */
const SDKS = [
  '@opentelemetry/sdk-node',
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/sdk-trace',
];

/**
 * Packages that start an SDK without naming it in their `dependencies`. They contain the SDK or declare it as a peer
 * dependency.
 */
const DISTRIBUTIONS = [
  '@vercel/otel',
  '@splunk/otel',
  '@honeycombio/opentelemetry-node',
  '@elastic/opentelemetry-node',
  '@azure/monitor-opentelemetry',
  'applicationinsights',
  '@grafana/otel-node',
];

export const AUTO_INSTRUMENTATIONS = '@opentelemetry/auto-instrumentations-node';

/** The SDK that the program itself loads or preloads. */
export interface OwnSdk {
  readonly at: number;
  readonly step: PackageStep;
}

function findOwnSdk({ steps }: Loading): OwnSdk | undefined {
  for (const [at, step] of steps.entries())
    if (step.kind === 'package' && containsSdk(step)) return { at, step };
  return undefined;
}

function containsSdk({ name, specifier, found }: PackageStep): boolean {
  if (SDKS.includes(name) || DISTRIBUTIONS.includes(name)) return true;
  if (name === AUTO_INSTRUMENTATIONS) return specifier === `${AUTO_INSTRUMENTATIONS}/register`;
  // Exporters depend on parts of an SDK, but neither they nor this package start one.
  if (name.startsWith('@opentelemetry/') || name === PACKAGE_NAME) return false;
  return SDKS.some(sdk => found?.manifest.dependencies?.[sdk] !== undefined);
}
