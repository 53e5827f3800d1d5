import Module from 'node:module';

type Compile = (this: unknown, source: string, filename: string, ...rest: unknown[]) => unknown;

/** The packages whose timers guard and retry exports. */
const EXPORTING =
  /[\\/]@opentelemetry[\\/](sdk-trace|sdk-trace-base|sdk-metrics|sdk-logs|otlp-exporter-base|core)[\\/]/;

/** On the first line, so that line numbers in stack traces stay right. */
const QUIET_SET_TIMEOUT =
  "'use strict';const setTimeout=(...call)=>{const timer=globalThis.setTimeout(...call);timer.unref?.();return timer};";

/**
 * Loads modules so that the timers of OpenTelemetry's exporting packages never keep the process alive.
 *
 * With a dead collector, an export waits up to ten seconds in a retry's timer, and as long in the batch's own; both hold the event loop,
 * so a program that is done would linger. No public option reaches those timers, and the ones of the program must stay as they are; so
 * the exporting modules see a `setTimeout` of their own. Modules loaded earlier by someone else keep the usual one: then only the wait
 * for a failing export at the end of the program is longer.
 */
export function withQuietTimers<T>(load: () => T): T {
  const prototype = Module.prototype as { _compile?: Compile };
  const compile = prototype._compile;
  if (typeof compile !== 'function') return load();
  prototype._compile = function (source, filename, ...rest) {
    const quiet = EXPORTING.test(filename) ? QUIET_SET_TIMEOUT + source : source;
    return compile.call(this, quiet, filename, ...rest);
  };
  try {
    return load();
  } finally {
    prototype._compile = compile;
  }
}
