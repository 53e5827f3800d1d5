import { diag, type DiagLogger } from '@opentelemetry/api';
import type { ExportRequests } from './export-requests';
import { toOneLine } from './logging';

/** The global property in which every copy of API 1.x keeps its registrations. */
const API_GLOBALS = Symbol.for('opentelemetry.js.api.1');

/**
 * Matches the API's error when a second SDK registers. The second pattern is for an SDK with another version of the
 * API.
 */
const REFUSED =
  /@opentelemetry\/api: (?:Attempted duplicate registration of API: |Registration of version \S+ for )(\w+)/;

const SECOND_SDK =
  'the program starts an OpenTelemetry SDK itself, but register has already started one, and only that one is used. ' +
  "The program's SDK gets no telemetry, and its service name and exporters have no effect. " +
  "To use the program's SDK, set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach. To use the SDK of register, remove the SDK from the program";

const secondParts = (parts: readonly string[]): string =>
  `the program registers its own ${parts.map(part => NAMES[part] ?? part).join(' and ')}, which has no effect: register has already started an OpenTelemetry SDK. ` +
  'If the program starts an SDK itself, set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach';

const NAMES: Readonly<Record<string, string>> = { context: 'context manager', propagation: 'propagator' };

/** The API logs one error for each part of a second SDK. This interceptor logs a single message instead. */
export function secondSdkErrors(): ErrorInterceptor {
  let refused: Set<string> | undefined;

  function report(): void {
    const parts = [...(refused ?? [])];
    diag.error(parts.some(part => ['trace', 'metrics'].includes(part)) ? SECOND_SDK : secondParts(parts));
  }

  return message => {
    const [, part] = REFUSED.exec(message) ?? [];
    if (part === undefined) return false;
    // An SDK registers all of its parts synchronously. The report waits for all of them, because its text depends on
    // them: a program may register a whole SDK, or only a propagator.
    if (!refused) queueMicrotask(report);
    refused = (refused ?? new Set()).add(part);
    return true;
  };
}

/** The start of the SDK's errors about failed metric exports. The errors for other signals do not name the signal. */
const METRICS_EXPORT = 'PeriodicExportingMetricReader: metrics export ';

/** The SDK logs an error for each failed export. This interceptor logs one message per address, with signal and cause. */
export function failedExportErrors(requests: ExportRequests): ErrorInterceptor {
  function report(): void {
    if (requests.isLastFlush) return;
    for (const { signal, problem } of requests.takeUnreported())
      diag.warn(
        `${signal} cannot be sent: ${problem}. This is logged once. Check the collector and the OTEL_EXPORTER_OTLP_* variables`,
      );
  }

  return message => {
    const text = toOneLine(message);
    const isOfMetrics = text.startsWith(METRICS_EXPORT);
    // Only HTTP requests are watched. If no watched request of this signal has failed, the SDK's error is logged unchanged.
    const problems = requests
      .problems()
      .filter(({ signal }) => signal === 'telemetry' || (signal === 'metrics') === isOfMetrics);
    const isOfExport =
      isOfMetrics ||
      text === 'Request timed out' ||
      message.includes('OTLPExporterError') ||
      problems.some(({ problem }) => problem.endsWith(text));
    if (!isOfExport || problems.length === 0) return false;
    // Wait with the report: after a timeout, the exporter logs its error before the request has ended.
    setImmediate(report);
    return true;
  };
}

/** The error of a gRPC call, such as `14 UNAVAILABLE: No connection established. Resolution note: `. */
const GRPC_ERROR = /(?:^|error Error: )(\d{1,2} [A-Z_]+: .*?)\.?\s*(?:Resolution note:)?\s*\)?$/;

/** A gRPC problem is reported again after this time, because successful gRPC exports in between cannot be seen. */
const GRPC_REPEAT_MS = 10 * 60 * 1000;

/**
 * The SDK logs an error for each failed gRPC export. This interceptor logs one message per signal every 10 minutes. It
 * names no address, because the SDK's error has none.
 */
export function failedGrpcErrors(now: () => number = Date.now): ErrorInterceptor {
  const lastReported = new Map<string, number>();

  return message => {
    const text = toOneLine(message);
    const [, problem] = GRPC_ERROR.exec(text) ?? [];
    if (problem === undefined) return false;
    const signal = text.startsWith(METRICS_EXPORT) ? 'metrics' : 'spans or log records';
    const last = lastReported.get(signal);
    if (last !== undefined && now() - last < GRPC_REPEAT_MS) return true;
    lastReported.set(signal, now());
    diag.warn(
      `${signal} cannot be sent by gRPC: ${problem}. This is logged at most every 10 minutes. Check the collector and the OTEL_EXPORTER_OTLP_* variables`,
    );
    return true;
  };
}

/** @returns true if the error must not be logged */
type ErrorInterceptor = (message: string) => boolean;

/**
 * Passes each error that OpenTelemetry's packages log to the interceptors first. Call it after an SDK is registered.
 *
 * Loggers that are set later are intercepted too, because a second SDK may set its own.
 */
export function interceptErrors(...interceptors: readonly ErrorInterceptor[]): void {
  const globals = (globalThis as { [API_GLOBALS]?: { diag?: DiagLogger } })[API_GLOBALS];
  if (!globals) return;

  const intercepted = (logger: DiagLogger): DiagLogger =>
    Object.create(logger, {
      error: {
        value(message: unknown, ...details: unknown[]) {
          const text = typeof message === 'string' ? message : toOneLine(message);
          if (!interceptors.some(intercept => intercept(text))) logger.error(message as string, ...details);
        },
      },
    }) as DiagLogger;

  let current = globals.diag && intercepted(globals.diag);
  Object.defineProperty(globals, 'diag', {
    configurable: true,
    enumerable: true,
    get: () => current,
    set(logger: DiagLogger | undefined) {
      current = logger && intercepted(logger);
    },
  });
}
