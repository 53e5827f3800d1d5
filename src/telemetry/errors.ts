import { SpanStatusCode, type Attributes, type Span } from '@opentelemetry/api';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ERROR_TYPE_VALUE_OTHER,
} from '@opentelemetry/semantic-conventions';
import type { Settings } from '../config/settings';
import { cut } from './text';

/** How far a chain of causes is followed: deeper ones, and cycles, are somebody's accident. */
const MAX_CAUSES = 8;

/** The longest message or stack that is recorded, in characters: some errors quote a whole response, and spans wait in queues. */
const MAX_TEXT = 16_384;

const SYSTEM_CODE = /^(?=.{1,100}$)(E[A-Z0-9]+|ERR_[A-Z_]+)$/;
const PROTOCOL_NAME = /^[A-Z][A-Z0-9_]{0,99}$/;
const CLASS_NAME = /^[A-Za-z_$][\w$.]{0,99}$/;
const BUILT_IN = new Set([
  'Error',
  'AggregateError',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
]);

/** Errors cross packages and realms, so they are known by their fields, never by `instanceof`. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * The `error.type` of anything that was thrown, of low cardinality: the Kafka protocol's name for it where kafkajs knows
 * one (`MESSAGE_TOO_LARGE`), else a system code (`ECONNREFUSED`), else the class, else `_OTHER`. Users' own codes are
 * unbounded and stay out.
 */
export function errorType(thrown: unknown): string {
  try {
    if (!isObject(thrown)) return ERROR_TYPE_VALUE_OTHER;
    if (!isKafkaJsError(thrown)) return systemCode(thrown) ?? className(thrown);
    const chain = causes(thrown);
    return first(chain.filter(isKafkaJsError), protocolName) ?? first(chain, systemCode) ?? className(thrown);
  } catch {
    // A getter of the program's error threw.
    return ERROR_TYPE_VALUE_OTHER;
  }
}

/** The settings that say how a failure is recorded. */
type Recording = Pick<Settings, 'captureErrorMessages' | 'vocabulary'> &
  Partial<Pick<Settings, 'exceptionSignal'>>;

/**
 * Marks a span as failed: status, `error.type` and, unless exceptions go to the logs alone, an exception event. The span goes on.
 *
 * @returns the attributes of the exception
 */
export function recordFailure(span: Span, thrown: unknown, settings: Recording): Attributes {
  const type = errorType(thrown);
  const message = settings.captureErrorMessages ? messageOf(thrown) : undefined;
  span.setAttributes(settings.vocabulary.attributes({ errorType: type }));
  span.setStatus(
    message === undefined ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message },
  );
  const exception = exceptionAttributes(thrown, type, settings.captureErrorMessages);
  if (settings.exceptionSignal !== 'log') span.addEvent('exception', exception);
  return exception;
}

function exceptionAttributes(thrown: unknown, type: string, captureMessages: boolean): Attributes {
  const exception: Attributes = { [ATTR_EXCEPTION_TYPE]: type };
  try {
    if (isObject(thrown)) exception[ATTR_EXCEPTION_TYPE] = className(thrown);
    if (!captureMessages) return exception;
    const message = messageOf(thrown);
    if (message !== undefined) exception[ATTR_EXCEPTION_MESSAGE] = message;
    if (isObject(thrown) && typeof thrown['stack'] === 'string')
      exception[ATTR_EXCEPTION_STACKTRACE] = cut(thrown['stack'], MAX_TEXT);
  } catch {
    // What could be read of it before one of its getters threw is still true.
  }
  return exception;
}

function messageOf(thrown: unknown): string | undefined {
  try {
    if (!isObject(thrown)) return isNothing(thrown) ? undefined : cut(String(thrown), MAX_TEXT);
    const { message } = thrown;
    return typeof message === 'string' ? cut(message, MAX_TEXT) : undefined;
  } catch {
    return undefined;
  }
}

/** A rejection without a reason has no message: the text "undefined" would read like one. */
function isNothing(thrown: unknown): boolean {
  return thrown === undefined || thrown === null;
}

function causes(error: Fields): Fields[] {
  const chain: Fields[] = [];
  let next: unknown = error;
  while (isObject(next) && chain.length < MAX_CAUSES && !chain.includes(next)) {
    chain.push(next);
    // kafkajs 1.x calls it `originalError`.
    next = next['cause'] ?? next['originalError'];
  }
  return chain;
}

function protocolName({ type }: Fields): string | undefined {
  return typeof type === 'string' && PROTOCOL_NAME.test(type) ? type : undefined;
}

function systemCode({ code }: Fields): string | undefined {
  return typeof code === 'string' && SYSTEM_CODE.test(code) ? code : undefined;
}

/** A class that sets no `name` inherits one from its built-in base; its constructor still has its own. */
function className(error: Fields): string {
  const { name, constructor } = error;
  const named = typeof name === 'string' && CLASS_NAME.test(name) ? name : undefined;
  if (named !== undefined && !BUILT_IN.has(named)) return named;
  const constructed = typeof constructor === 'function' && constructor !== Object ? constructor.name : '';
  return CLASS_NAME.test(constructed) ? constructed : (named ?? ERROR_TYPE_VALUE_OTHER);
}

function isKafkaJsError({ name }: Fields): boolean {
  return typeof name === 'string' && name.startsWith('KafkaJS');
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function first(chain: readonly Fields[], pick: (error: Fields) => string | undefined): string | undefined {
  for (const error of chain) {
    const picked = pick(error);
    if (picked !== undefined) return picked;
  }
  return undefined;
}
