import type { DiagLogger } from '@opentelemetry/api';

/** Where every copy of API 1.x keeps its globals. */
const API_GLOBALS = Symbol.for('opentelemetry.js.api.1');

/** What a copy of the API logs if a global is registered a second time, also with another version of the API. */
const REFUSED =
  /@opentelemetry\/api: (?:Attempted duplicate registration of API: |Registration of version \S+ for )(\w+)/;

const SECOND_SDK =
  'the program starts an OpenTelemetry SDK itself, but register has started one before, which stays in use. ' +
  "So the program's SDK gets no telemetry, and its service name and exporters have no effect. " +
  "To use the program's SDK, set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach. To use that of register, remove the SDK from the program";

const secondParts = (parts: readonly string[]): string =>
  `the program registers its own ${parts.map(part => NAMES[part] ?? part).join(' and ')}, which has no effect: register has started an OpenTelemetry SDK before. ` +
  'If the program starts an SDK itself, set OTEL_INSTRUMENTATION_KAFKA_REGISTER=attach';

const NAMES: Readonly<Record<string, string>> = { context: 'context manager', propagation: 'propagator' };

/**
 * Replaces the errors that the API logs for each part of a second SDK by one message. Call it after an SDK is registered.
 *
 * The second SDK may set its own logger first, so every logger that is set later is wrapped too.
 */
export function reportSecondSdk(): void {
  const globals = (globalThis as { [API_GLOBALS]?: { diag?: DiagLogger } })[API_GLOBALS];
  if (!globals) return;
  let refused: Set<string> | undefined;
  let hasReported = false;

  function onRefused(part: string): void {
    if (hasReported) return;
    if (refused) {
      refused.add(part);
      return;
    }
    refused = new Set([part]);
    // An SDK registers all of its parts synchronously. Until then it is not clear whether it is an SDK or only a propagator.
    queueMicrotask(() => {
      hasReported = true;
      const parts = [...(refused ?? [])];
      const isSdk = parts.some(each => ['trace', 'metrics'].includes(each));
      globals?.diag?.error(isSdk ? SECOND_SDK : secondParts(parts));
    });
  }

  const withoutRefusals = (logger: DiagLogger): DiagLogger =>
    Object.create(logger, {
      error: {
        value(message: string, ...details: unknown[]) {
          const [, part] = REFUSED.exec(message) ?? [];
          if (part === undefined) logger.error(message, ...details);
          else onRefused(part);
        },
      },
    }) as DiagLogger;

  let current = globals.diag && withoutRefusals(globals.diag);
  Object.defineProperty(globals, 'diag', {
    configurable: true,
    enumerable: true,
    get: () => current,
    set(logger: DiagLogger | undefined) {
      current = logger && withoutRefusals(logger);
    },
  });
}
