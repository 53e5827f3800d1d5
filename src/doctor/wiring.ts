/** How this package gets into a program, if it does. */
import type { LoadedFile, Loading, LoadingStep } from './loading';
import type { Package } from './packages';
import { PACKAGE_NAME } from '../version';

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
);

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
    if (file && /\bKafkaJsInstrumentation\b/.test(file.code)) return { kind: 'own', file, ...placeOf(use) };
  }
  return undefined;
}

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
