import { diag, metrics } from '@opentelemetry/api';
import { KafkaInstrumentation } from '../instrumentation';
import { attachToClients } from './attach';
import { complaints, wantsKafkaJs, type Mode } from './environment';
import { watchExportRequests } from './export-requests';
import { createFlush } from './flush';
import { flushOnLeaving } from './leaving';
import { logToStderr } from './logging';
import { complaintOfNewerApi, differingApis } from './program-api';
import { registeredTracerProvider } from './providers';
import { startSdk } from './sdk';

/** Installs the instrumentation and, unless there is one or the program brings its own, an SDK for it. */
export function boot(mode: Exclude<Mode, 'off'>): void {
  const owned = isSdkRegistered();
  if (!owned && !(mode === 'attach' && hasOwnLogging())) logToStderr(process.env);
  for (const complaint of complaints(process.env)) diag.warn(complaint);
  const attach = () => {
    if (wantsKafkaJs(process.env)) attachToClients();
  };
  if (owned || mode === 'attach') {
    attach();
    return;
  }
  const apis = differingApis();
  const complaint = apis && complaintOfNewerApi(apis);
  if (complaint !== undefined) diag.warn(complaint);
  try {
    const sdk = startSdk(() => (wantsKafkaJs(process.env) ? [new KafkaInstrumentation()] : []));
    if (sdk) flushOnLeaving(createFlush(watchExportRequests(), sdk.logs));
    else attach();
  } catch (error) {
    diag.error('the OpenTelemetry SDK could not be started, the program runs without it:', error);
    attach();
  }
}

/**
 * A program with an SDK of its own has its own say about logging; two loggers would warn of each other. And whoever is first to
 * set anything in the API sets its version for the process: with another copy of it, the program's SDK could not register.
 */
function hasOwnLogging(): boolean {
  return process.env.OTEL_LOG_LEVEL !== undefined || differingApis() !== undefined;
}

/** Without an SDK, the API gives providers that do nothing. */
function isSdkRegistered(): boolean {
  return registeredTracerProvider() !== undefined || 'forceFlush' in metrics.getMeterProvider();
}
