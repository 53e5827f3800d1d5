import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as api from '@opentelemetry/api';
import type * as AutoInstrumentations from '@opentelemetry/auto-instrumentations-node';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type * as SdkNode from '@opentelemetry/sdk-node';
import { CLIENT_LIBRARIES } from '../clients';
import { readList, readVariable } from '../config/environment';
import { eventContextExtractor, eventLinks } from '../core/lambda-event';
import { samplerFrom } from '../sampling/environment';
import { prepareEsmLoader } from './esm-loader';
import { wantsEsmLoader } from './mode';

const AWS_LAMBDA = '@opentelemetry/instrumentation-aws-lambda';

export interface StartedSdk {
  readonly getLoggerProvider: () => unknown;
}

/**
 * Starts NodeSDK as the environment variables configure it, with the instrumentations of this package. Adds all
 * instrumentations of `auto-instrumentations-node`, if that package is installed. Logs a warning if
 * `@opentelemetry/sdk-node` is not installed.
 *
 * @param createInstrumentations - called after the SDK's packages are loaded; a package that is loaded between the
 *   creation of two instrumentations could stay unpatched
 */
export function startSdk(createInstrumentations: () => Instrumentation[]): StartedSdk | undefined {
  const sdkPath = resolvePeer('@opentelemetry/sdk-node');
  if (sdkPath === undefined) {
    api.diag.warn(
      '@opentelemetry/sdk-node is not installed: no telemetry leaves this process. Run `npm install @opentelemetry/sdk-node`',
    );
    return undefined;
  }
  const { NodeSDK, startNodeSDK } = requireFile(sdkPath) as Pick<typeof SdkNode, 'NodeSDK'> &
    Partial<typeof SdkNode>;
  const auto = loadAutoInstrumentations();
  const instrumentations = [...auto.instrumentations, ...createInstrumentations()];
  const sampler = samplerFrom(process.env, problem => {
    api.diag.warn(problem);
  }) as SdkNode.NodeSDKConfiguration['sampler'] | undefined;
  const started = { getLoggerProvider: () => logsApi(sdkPath)?.getLoggerProvider() };
  if (readVariable(process.env, 'OTEL_CONFIG_FILE') !== undefined) {
    if (startNodeSDK) {
      if (sampler)
        api.diag.warn(
          'OTEL_INSTRUMENTATION_KAFKA_SAMPLING is ignored, because OTEL_CONFIG_FILE is set. Configure the sampler in that file',
        );
      withoutOwnLogger(sdkPath, () => startNodeSDK({ instrumentations }));
      letLambdaFlush(auto.instrumentations);
      return started;
    }
    api.diag.warn(
      'OTEL_CONFIG_FILE is not read by the installed version of @opentelemetry/sdk-node, so the SDK is configured by the OTEL_* variables alone. Update @opentelemetry/sdk-node',
    );
  }
  const options = { instrumentations, ...auto.options, ...(sampler ? { sampler } : undefined) };
  // Otherwise, NodeSDK would replace our logger with a console logger, which also writes to stdout.
  const sdk = withVariables({ OTEL_LOG_LEVEL: undefined }, () => new NodeSDK(options));
  sdk.start();
  letLambdaFlush(auto.instrumentations);
  return started;
}

/**
 * Gives the real providers to the instrumentation for AWS Lambda, which flushes them before Lambda freezes the process.
 * NodeSDK cannot do this, because it sets up the instrumentations before it creates its providers.
 */
function letLambdaFlush(instrumentations: readonly Instrumentation[]): void {
  const lambda = instrumentations.find(({ instrumentationName }) => instrumentationName === AWS_LAMBDA);
  lambda?.setTracerProvider(api.trace.getTracerProvider());
  lambda?.setMeterProvider(api.metrics.getMeterProvider());
}

function loadAutoInstrumentations(): {
  readonly instrumentations: Instrumentation[];
  readonly options: Partial<Pick<SdkNode.NodeSDKConfiguration, 'resourceDetectors'>>;
} {
  const path = resolvePeer('@opentelemetry/auto-instrumentations-node');
  if (path === undefined) {
    api.diag.info(
      '@opentelemetry/auto-instrumentations-node is not installed, so only Kafka clients are traced, not HTTP or databases. Run `npm install @opentelemetry/auto-instrumentations-node`',
    );
    return { instrumentations: [], options: {} };
  }
  const activateLoader = wantsEsmLoader(process.env, process)
    ? tryLoader(() => prepareEsmLoader(path))
    : undefined;
  const { getNodeAutoInstrumentations, getResourceDetectors } = requireFile(
    path,
  ) as typeof AutoInstrumentations;
  const instrumentations = withVariables(listsWithKnownNames(), () =>
    getNodeAutoInstrumentations({
      '@opentelemetry/instrumentation-kafkajs': { enabled: false },
      [AWS_LAMBDA]: {
        eventContextExtractor,
        requestHook: (span, { event }) => span.addLinks(eventLinks(event)),
      },
    }),
  );
  if (activateLoader) tryLoader(activateLoader);
  // Detectors are used only if the variable is set, because the detectors of cloud providers make network requests at every
  // start.
  const wantsDetectors = (process.env.OTEL_NODE_RESOURCE_DETECTORS ?? '') !== '';
  return { instrumentations, options: wantsDetectors ? { resourceDetectors: getResourceDetectors() } : {} };
}

function tryLoader<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    api.diag.warn(
      'the ESM loader hook could not be activated. Therefore, Kafka clients are traced in ES modules, but other packages are not. Update @opentelemetry/auto-instrumentations-node, or set OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER=false to turn the hook off. The error:',
      error,
    );
    return undefined;
  }
}

/**
 * Returns both lists of instrumentations with `kafkajs` in place of the names that only this package knows.
 * `auto-instrumentations-node` would log an error for these names. Its own instrumentation for kafkajs is switched off
 * anyway.
 */
function listsWithKnownNames(): Record<string, string> {
  const own = ['kafka', ...CLIENT_LIBRARIES.map(({ instrumentationName }) => instrumentationName)];
  const lists: Record<string, string> = {};
  for (const variable of ['OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'OTEL_NODE_DISABLED_INSTRUMENTATIONS']) {
    const names = readList(process.env, variable);
    if (names.some(name => own.includes(name)))
      lists[variable] = names.map(name => (own.includes(name) ? 'kafkajs' : name)).join(',');
  }
  return lists;
}

/** Runs code with other values of environment variables. `undefined` hides a variable. */
function withVariables<T>(values: Readonly<Record<string, string | undefined>>, run: () => T): T {
  const originals = Object.keys(values).map(name => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(values)) set(name, value);
  try {
    return run();
  } finally {
    for (const [name, value] of originals) set(name, value);
  }
}

/** Keeps `startNodeSDK` from setting its logger, a console logger that also writes to stdout. */
function withoutOwnLogger(sdkPath: string, start: () => unknown): void {
  const { diag } = createRequire(sdkPath)('@opentelemetry/api') as typeof api;
  const { setLogger } = diag;
  diag.setLogger = () => true;
  try {
    start();
  } finally {
    diag.setLogger = setLogger;
  }
}

interface LogsApi {
  getLoggerProvider(): unknown;
}

/** The logs API is a separate package up to SDK 2.x. Since 3.x, it is part of the API package. */
function logsApi(sdkPath: string): LogsApi | undefined {
  if ('logs' in api) return api.logs as LogsApi;
  try {
    return (createRequire(sdkPath)('@opentelemetry/api-logs') as { logs: LogsApi }).logs;
  } catch {
    return undefined;
  }
}

/**
 * Resolves an optional peer dependency. The search starts at this package: a container image may install this package
 * outside of the program's folders, with its own peer dependencies.
 */
const resolvePeer = (name: string): string | undefined =>
  resolveFrom([ownFolder(), process.cwd(), mainScriptFolder()], name);

/** Resolves the program's own copy of a package. This package may use another copy. */
export const resolveFromProgram = (name: string): string | undefined =>
  resolveFrom([mainScriptFolder(), process.cwd()], name);

/** Resolves the copy of a package that this package uses. */
export const resolveOwn = (name: string): string | undefined => resolveFrom([ownFolder()], name);

// In a bundle, `require` and `require.resolve` belong to the bundler, which knows only the files in the bundle. Functions from
// `createRequire` are always those of Node.js.
const requireFile = (path: string): unknown => createRequire(path)(path);

function resolveFrom(folders: readonly (string | undefined)[], name: string): string | undefined {
  for (const folder of folders) {
    if (folder === undefined) continue;
    try {
      return createRequire(join(folder, 'any-file.js')).resolve(name);
    } catch {
      // The package is not installed there.
    }
  }
  return undefined;
}

/** `__dirname` does not exist in a bundle that is an ES module. */
const ownFolder = (): string | undefined => (typeof __dirname === 'string' ? __dirname : undefined);

function mainScriptFolder(): string | undefined {
  try {
    return process.argv[1] === undefined ? undefined : dirname(realpathSync(process.argv[1]));
  } catch {
    return undefined;
  }
}
