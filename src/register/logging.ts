import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import type { Environment } from './environment';

const LEVELS: Readonly<Record<string, DiagLogLevel>> = {
  NONE: DiagLogLevel.NONE,
  ERROR: DiagLogLevel.ERROR,
  WARN: DiagLogLevel.WARN,
  INFO: DiagLogLevel.INFO,
  DEBUG: DiagLogLevel.DEBUG,
  VERBOSE: DiagLogLevel.VERBOSE,
  ALL: DiagLogLevel.ALL,
};

/**
 * Sends OpenTelemetry's own messages to stderr, a line each: WARN and up, or what `OTEL_LOG_LEVEL` says. The API's console logger is no
 * choice: it writes INFO and DEBUG to stdout, which belongs to the program.
 */
export function logToStderr(env: Environment): void {
  const level = LEVELS[wantedLevel(env)];
  diag.setLogger(stderrLogger, { logLevel: level ?? DiagLogLevel.WARN, suppressOverrideMessage: true });
  const complaint = levelComplaint(env);
  if (complaint !== undefined) diag.warn(complaint);
}

/** What to tell about an `OTEL_LOG_LEVEL` that means nothing. */
export function levelComplaint(env: Environment): string | undefined {
  const wanted = wantedLevel(env);
  if (wanted === '' || LEVELS[wanted] !== undefined) return undefined;
  return `OTEL_LOG_LEVEL="${wanted}" is not one of ${Object.keys(LEVELS).join(', ')}; WARN is used`;
}

const wantedLevel = (env: Environment): string => env.OTEL_LOG_LEVEL?.trim().toUpperCase() ?? '';

const writer =
  (level: string) =>
  (message: string, ...details: unknown[]): void => {
    process.stderr.write(`kafka-otel: ${level}: ${[message, ...details].map(describe).join(' ')}\n`);
  };

const stderrLogger: DiagLogger = {
  error: writer('error'),
  warn: writer('warning'),
  info: writer('info'),
  debug: writer('debug'),
  verbose: writer('verbose'),
};

/** One line for whatever is logged: the SDK hands over errors as they are, as a stack, or as JSON with a stack in it. */
export function describe(detail: unknown): string {
  if (typeof detail === 'string') return describeText(detail);
  if (typeof detail !== 'object' || detail === null) return String(detail);
  const { message, name, code } = detail as { message?: unknown; name?: unknown; code?: unknown };
  if (typeof message === 'string' || typeof code === 'string') {
    // An AggregateError, as of a refused connection, has its code only.
    const what =
      typeof message === 'string' && message !== '' ? message : typeof name === 'string' ? name : 'Error';
    return firstLine(typeof code === 'string' && !what.includes(code) ? `${what} (${code})` : what);
  }
  try {
    return JSON.stringify(detail);
  } catch {
    return Object.prototype.toString.call(detail);
  }
}

function describeText(text: string): string {
  if (text.startsWith('{')) {
    try {
      return describe(JSON.parse(text));
    } catch {
      // Only looked like JSON.
    }
  }
  return firstLine(text);
}

/** Of a stack, the message. Other text keeps its lines, joined. */
function firstLine(text: string): string {
  return text.replace(/\n\s+at [^]*$/, '').replace(/\s*\n\s*/g, ' ');
}
