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
 * Starts NodeSDK as the environment configures it, with the instrumentations of this package. If `auto-instrumentations-node`
 * is installed, all of its instrumentations are used too. Without `@opentelemetry/sdk-node`, it logs a warning.
 *
 * @param createInstrumentations - called after the packages are loaded. A module that is loaded while instrumentations are
 *   being created could stay unpatched
 */
export function startSdk(createInstrumentations: () => Instrumentation[]): StartedSdk | undefined {
  const sdkPath = resolvePeer('@opentelemetry/sdk-node');
  if (sdkPath === undefined) {
    api.diag.warn(
      isInsideWebpack()
        ? 'register is a part of a webpack bundle, where it finds no SDK: no telemetry leaves this process. Leave it out of the bundle: node --require @org/kafka-otel/register'
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
 * The instrumentation for AWS Lambda flushes the providers before a function returns. Lambda freezes the process after that.
 * NodeSDK sets up instrumentations before it creates the providers, so this instrumentation gets them here.
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
  // Off by default, because the detectors of cloud providers make network requests at every start.
  const wantsDetectors = (process.env.OTEL_NODE_RESOURCE_DETECTORS ?? '') !== '';
  return { instrumentations, options: wantsDetectors ? { resourceDetectors: getResourceDetectors() } : {} };
}

function tryLoader<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    api.diag.warn(
      'the ESM loader hook could not be activated. In ES modules, the Kafka clients are therefore the only libraries that are traced. Update @opentelemetry/auto-instrumentations-node, or turn the hook off with OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER=false:',
      error,
    );
    return undefined;
  }
}

/** If NodeSDK saw this variable, it would replace the stderr logger with a console logger, which also writes to stdout. */
function withoutLogLevel<T>(construct: () => T): T {
  const level = process.env.OTEL_LOG_LEVEL;
  delete process.env.OTEL_LOG_LEVEL;
  try {
    return construct();
  } finally {
    if (level !== undefined) process.env.OTEL_LOG_LEVEL = level;
  }
}

/** `startNodeSDK` always sets a console logger, which writes to stdout too. */
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
 * Resolves an optional peer dependency. Searches from this package first: in a container, this package is outside of the
 * program's folders and has its own peer dependencies. Then it searches from the working directory and from the main script.
 */
function resolvePeer(name: string): string | undefined {
  // In a bundle that is an ES module there is no `__dirname`.
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
