import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as api from '@opentelemetry/api';
import type * as AutoInstrumentations from '@opentelemetry/auto-instrumentations-node';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type * as SdkNode from '@opentelemetry/sdk-node';
import { readVariable } from '../config/environment';
import { eventContextExtractor, eventLinks } from '../core/lambda-event';
import { samplerFrom } from '../sampling/environment';
import { isInsideWebpack } from '../support/bundle';
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
 * @param createInstrumentations - called after the SDK's packages are loaded; packages that are loaded during this call
 *   could stay unpatched
 */
export function startSdk(createInstrumentations: () => Instrumentation[]): StartedSdk | undefined {
  const sdkPath = resolvePeer('@opentelemetry/sdk-node');
  if (sdkPath === undefined) {
    api.diag.warn(
      isInsideWebpack()
        ? '@org/kafka-otel/register is inside a webpack bundle and finds no SDK there: no telemetry leaves this process. Do not import it in the bundle, preload it: node --require @org/kafka-otel/register'
        : '@opentelemetry/sdk-node is not installed: no telemetry leaves this process. Run `npm install @opentelemetry/sdk-node`',
    );
    return undefined;
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { NodeSDK, startNodeSDK } = require(sdkPath) as Pick<typeof SdkNode, 'NodeSDK'> &
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
  withoutLogLevel(() => new NodeSDK(options)).start();
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
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { getNodeAutoInstrumentations, getResourceDetectors } = require(path) as typeof AutoInstrumentations;
  const instrumentations = getNodeAutoInstrumentations({
    '@opentelemetry/instrumentation-kafkajs': { enabled: false },
    [AWS_LAMBDA]: {
      eventContextExtractor,
      requestHook: (span, { event }) => span.addLinks(eventLinks(event)),
    },
  });
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
      'the ESM loader hook could not be activated, so in ES modules only the Kafka clients are traced. Update @opentelemetry/auto-instrumentations-node, or turn the hook off with OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER=false:',
      error,
    );
    return undefined;
  }
}

/**
 * Hides `OTEL_LOG_LEVEL` from NodeSDK, which would otherwise replace our logger with a console logger that also writes to
 * stdout.
 */
function withoutLogLevel<T>(construct: () => T): T {
  const level = process.env.OTEL_LOG_LEVEL;
  delete process.env.OTEL_LOG_LEVEL;
  try {
    return construct();
  } finally {
    if (level !== undefined) process.env.OTEL_LOG_LEVEL = level;
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
function resolvePeer(name: string): string | undefined {
  // `__dirname` does not exist in a bundle that is an ES module.
  const own = typeof __dirname === 'string' ? __dirname : undefined;
  return resolveFrom([own, process.cwd(), mainScriptFolder()], name);
}

/** Resolves the program's own copy of a package. This package may use another copy. */
export function resolveFromProgram(name: string): string | undefined {
  return resolveFrom([mainScriptFolder(), process.cwd()], name);
}

function resolveFrom(folders: readonly (string | undefined)[], name: string): string | undefined {
  for (const folder of folders) {
    if (folder === undefined) continue;
    try {
      return require.resolve(name, { paths: [folder] });
    } catch {
      // The package is not installed there.
    }
  }
  return undefined;
}

function mainScriptFolder(): string | undefined {
  try {
    return process.argv[1] === undefined ? undefined : dirname(realpathSync(process.argv[1]));
  } catch {
    return undefined;
  }
}
