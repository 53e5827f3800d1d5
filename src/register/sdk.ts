import { createRequire } from 'node:module';
import * as api from '@opentelemetry/api';
import type * as AutoInstrumentations from '@opentelemetry/auto-instrumentations-node';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type * as SdkNode from '@opentelemetry/sdk-node';
import { samplerFrom } from '../sampling/environment';
import { wantsEsmLoader } from './environment';
import { prepareEsmLoader } from './loader';
import { findPackage } from './packages';
import { isInsideWebpack } from '../support/bundle';

/** How to get at the logger provider of the SDK that was started. */
export interface StartedSdk {
  readonly logs: () => unknown;
}

/**
 * Starts NodeSDK as the environment configures it, with all instrumentations of `auto-instrumentations-node`, if it is
 * installed, and ours. Without `@opentelemetry/sdk-node`, it only says so.
 *
 * @param ours - called once the packages are loaded: what is loaded after an instrumentation has been made, and before
 *   those of its modules are, would stay unpatched
 */
export function startSdk(ours: () => Instrumentation[]): StartedSdk | undefined {
  const sdkPath = findPackage('@opentelemetry/sdk-node');
  if (sdkPath === undefined) {
    api.diag.warn(
      isInsideWebpack()
        ? 'register is a part of a webpack bundle, where it finds no SDK: no telemetry leaves this process. Leave it out of the bundle: node --require @org/kafka-otel/register'
        : '@opentelemetry/sdk-node is not installed: no telemetry leaves this process. Run `npm install @opentelemetry/sdk-node`',
    );
    return undefined;
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { NodeSDK } = require(sdkPath) as typeof SdkNode;
  const auto = loadAutoInstrumentations();
  const instrumentations = [...auto.instrumentations, ...ours()];
  const sampler = samplerFrom(process.env, problem => {
    api.diag.warn(problem);
  }) as SdkNode.NodeSDKConfiguration['sampler'] | undefined;
  const options = { instrumentations, ...auto.options, ...(sampler ? { sampler } : undefined) };
  withoutLogLevel(() => new NodeSDK(options)).start();
  return { logs: () => logsApi(sdkPath)?.getLoggerProvider() };
}

function loadAutoInstrumentations(): {
  readonly instrumentations: Instrumentation[];
  readonly options: Partial<Pick<SdkNode.NodeSDKConfiguration, 'resourceDetectors'>>;
} {
  const path = findPackage('@opentelemetry/auto-instrumentations-node');
  if (path === undefined) {
    api.diag.info(
      '@opentelemetry/auto-instrumentations-node is not installed: kafkajs alone is instrumented',
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
  });
  if (activateLoader) tryLoader(activateLoader);
  // It knows the clouds' detectors too. Unasked for they stay off: they ask the network at every start.
  const asksForDetectors = (process.env.OTEL_NODE_RESOURCE_DETECTORS ?? '') !== '';
  return { instrumentations, options: asksForDetectors ? { resourceDetectors: getResourceDetectors() } : {} };
}

function tryLoader<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    api.diag.warn(
      'the ESM loader hook is not available: ES modules other than kafkajs are not instrumented:',
      error,
    );
    return undefined;
  }
}

/** NodeSDK would replace the stderr logger with a console logger, half of which writes to stdout. */
function withoutLogLevel<T>(construct: () => T): T {
  const level = process.env.OTEL_LOG_LEVEL;
  delete process.env.OTEL_LOG_LEVEL;
  try {
    return construct();
  } finally {
    if (level !== undefined) process.env.OTEL_LOG_LEVEL = level;
  }
}

interface LogsApi {
  getLoggerProvider(): unknown;
}

/** The logs API is a package of its own up to SDK 2.x, and a part of the API package from then on. */
function logsApi(sdkPath: string): LogsApi | undefined {
  if ('logs' in api) return api.logs as LogsApi;
  try {
    return (createRequire(sdkPath)('@opentelemetry/api-logs') as { logs: LogsApi }).logs;
  } catch {
    return undefined;
  }
}
