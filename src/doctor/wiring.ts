/** How this package gets into a program, if it does. */
import type { LoadedFile, Loading, LoadingStep } from './loading';
import type { Package } from './packages';
import { PACKAGE_NAME } from '../support/version';

export const REGISTER = `${PACKAGE_NAME}/register`;

/** The packages that are, or start, an OpenTelemetry SDK. */
const SDKS = [
  '@opentelemetry/sdk-node',
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/sdk-trace',
];

export const AUTO = '@opentelemetry/auto-instrumentations-node';

export type Wiring = {
  /** The first step that loads this package, and its number. */
  readonly at: number;
  readonly by: string;
  readonly copy: Package | undefined;
} & (
  | { readonly kind: 'register' }
  /** A file of the program makes the instrumentation. */
  | { readonly kind: 'own'; readonly file: LoadedFile }
  /** A bundler has made this package a part of a file. */
  | { readonly kind: 'inlined'; readonly file: LoadedFile; readonly register: InlinedRegister }
);

/** Whether `register` is a part of a bundle; in one that webpack made it finds no SDK. */
export type InlinedRegister = 'absent' | 'able' | 'blind';

export type PackageStep = Extract<LoadingStep, { kind: 'package' }>;

export function findWiring({ steps, files }: Loading): Wiring | undefined {
  const uses = steps.flatMap((step, at) =>
    step.kind === 'package' && step.name === PACKAGE_NAME ? [{ step, at }] : [],
  );
  const register = uses.find(({ step }) => step.specifier === REGISTER);
  if (register) return { kind: 'register', ...placeOf(register) };
  for (const use of uses) {
    const file = files.find(({ path }) => path === use.step.by);
    // The helpers alone (`withMessageSpan`) install nothing.
    if (file && /\bKafkaInstrumentation\b/.test(file.code)) return { kind: 'own', file, ...placeOf(use) };
  }
  return findInlined(files);
}

/** Texts of this package's own messages; a minifier keeps them. */
const SIGNATURE = 'instrumentModule was given something that is not kafkajs';
const REGISTER_SIGNATURE = 'kafka-otel: not started, the program runs without telemetry';

/** A name of a variable that every SDK reads, and nothing else. */
const SDK_SIGNATURE = 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE';

function findInlined(files: readonly LoadedFile[]): Wiring | undefined {
  const file = files.find(({ code }) => code.includes(SIGNATURE));
  if (!file) return undefined;
  const register = !file.code.includes(REGISTER_SIGNATURE) ? 'absent' : isWebpacks(file) ? 'blind' : 'able';
  return { kind: 'inlined', file, register, at: 0, by: file.path, copy: undefined };
}

/** This package asks for a name that webpack alone replaces. Minified or not, others leave the question as it is. */
const isWebpacks = ({ code }: LoadedFile): boolean =>
  !code.includes('typeof __webpack_require__') || code.includes('__webpack_modules__');

/** Whether a bundler has made an SDK a part of the program. */
export const hasInlinedSdk = ({ files }: Loading): boolean =>
  files.some(({ code }) => code.includes(SDK_SIGNATURE));

const placeOf = ({ step, at }: { readonly step: PackageStep; readonly at: number }) => ({
  at,
  by: step.by,
  copy: step.found,
});

/** The first package that the program's own files, or what it preloads, load and that starts an SDK. */
export function findOwnSdk({ steps }: Loading): OwnSdk | undefined {
  for (const [at, step] of steps.entries())
    if (step.kind === 'package' && startsSdk(step)) return { at, step };
  return undefined;
}

export interface OwnSdk {
  readonly at: number;
  readonly step: PackageStep;
}

function startsSdk({ name, specifier, found }: PackageStep): boolean {
  if (SDKS.includes(name)) return true;
  if (name === AUTO) return specifier === `${AUTO}/register`;
  // Exporters and the like depend on an SDK's parts, and start none; neither do we.
  if (name.startsWith('@opentelemetry/') || name === PACKAGE_NAME) return false;
  return SDKS.some(sdk => found?.manifest.dependencies?.[sdk] !== undefined);
}
