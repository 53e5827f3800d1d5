import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { readVariable, type Environment } from '../config/environment';
import { PACKAGE_NAME } from '../support/version';

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
 * Writes the messages of OpenTelemetry and this package to stderr, one line each. The level is WARN or the value of
 * `OTEL_LOG_LEVEL`. The API's console logger would write INFO and DEBUG to stdout, which belongs to the program.
 */
export function logToStderr(env: Environment): void {
  const level = LEVELS[logLevel(env) ?? 'WARN'] ?? DiagLogLevel.WARN;
  diag.setLogger(stderrLogger, { logLevel: level, suppressOverrideMessage: true });
  const problem = logLevelProblem(env);
  if (problem !== undefined) diag.warn(problem);
}

export function logLevelProblem(env: Environment): string | undefined {
  const level = logLevel(env);
  if (level === undefined || LEVELS[level] !== undefined) return undefined;
  return `OTEL_LOG_LEVEL is "${level}", which is not allowed: WARN is used. Allowed: ${Object.keys(LEVELS).join(', ')}`;
}

const logLevel = (env: Environment): string | undefined => readVariable(env, 'OTEL_LOG_LEVEL')?.toUpperCase();

const writer =
  (level: string) =>
  (...logged: unknown[]): void => {
    // Component loggers put their namespace first. Our own namespace is left out, because it would read as the subject
    // of the message.
    const parts = logged[0] === PACKAGE_NAME ? logged.slice(1) : logged;
    process.stderr.write(`kafka-otel: ${level}: ${parts.map(toOneLine).join(' ')}\n`);
  };

const stderrLogger: DiagLogger = {
  error: writer('error'),
  warn: writer('warning'),
  info: writer('info'),
  debug: writer('debug'),
  verbose: writer('verbose'),
};

/**
 * Converts any logged value to one line of text. The SDK logs errors as objects, as stacks, or as JSON that contains a stack.
 */
export function toOneLine(detail: unknown): string {
  if (typeof detail === 'string') return textToOneLine(detail);
  if (typeof detail !== 'object' || detail === null) return String(detail);
  const { message, name, code } = detail as { message?: unknown; name?: unknown; code?: unknown };
  if (typeof message === 'string' || typeof code === 'string') {
    // An AggregateError, for example of a refused connection, has a code but no message.
    const text =
      typeof message === 'string' && message !== '' ? message : typeof name === 'string' ? name : 'Error';
    return joinLines(typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text);
  }
  try {
    return JSON.stringify(detail);
  } catch {
    return Object.prototype.toString.call(detail);
  }
}

function textToOneLine(text: string): string {
  if (text.startsWith('{')) {
    try {
      return toOneLine(JSON.parse(text));
    } catch {
      // Not JSON.
    }
  }
  return joinLines(text);
}

/** Removes a stack trace and joins the remaining lines. */
function joinLines(text: string): string {
  return text.replace(/\n\s+at [^]*$/, '').replace(/\s*\n\s*/g, ' ');
}
