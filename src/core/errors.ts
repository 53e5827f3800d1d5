import { ROOT_CONTEXT, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ERROR_TYPE_VALUE_OTHER,
} from '@opentelemetry/semantic-conventions';
import type { Runtime } from '../runtime';
import { exceptionEvent, type OperationType } from '../semconv/vocabulary';
import { isObject } from '../support/copies';
import { truncate } from '../support/truncate';
import type { ErrorReader } from './port';

/** The `error.type` of a call whose promise never settles. Such a call has no error that could give the type. */
export const ABANDONED = 'abandoned';

/** At most this many causes of an error are read. A longer chain is probably a cycle. */
const MAX_CAUSES = 8;

/** Longer error messages and stacks are cut. Some errors quote a whole response. */
const MAX_TEXT = 16_384;

const SYSTEM_CODE = /^(?=.{1,100}$)(E[A-Z0-9]+|ERR_[A-Z_]+)$/;
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

/**
 * Severities of OpenTelemetry's logs data model. A failed handler is an error. A failed client call is a warning, because the
 * program may retry it.
 */
const WARN = { severityNumber: 13, severityText: 'WARN' };
const ERROR = { severityNumber: 17, severityText: 'ERROR' };

type ErrorFields = Readonly<Record<string, unknown>>;

/**
 * Returns the `error.type` of any thrown value. Takes the first of these that exists: the error's name in the Kafka
 * protocol (`MESSAGE_TOO_LARGE`) if the client library created the error, a system code (`ECONNREFUSED`), the class
 * name, `_OTHER`. Error codes that a program invents are ignored, because there may be any number of them.
 */
export function errorType(thrown: unknown, reader: ErrorReader): string {
  try {
    if (!isObject(thrown)) return ERROR_TYPE_VALUE_OTHER;
    if (!reader.isLibraryError(thrown)) return systemCode(thrown) ?? className(thrown);
    const chain = causesOf(thrown);
    const ofLibrary = chain.filter(error => reader.isLibraryError(error));
    return (
      firstOf(ofLibrary, error => reader.protocolName(error)) ??
      firstOf(chain, systemCode) ??
      className(thrown)
    );
  } catch {
    // A getter of the error threw.
    return ERROR_TYPE_VALUE_OTHER;
  }
}

/**
 * Marks a span as failed: sets the status and `error.type`, and records the exception. `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`
 * decides whether the exception becomes a span event, a log record or both. Does not end the span.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/exceptions/}
 */
export function failSpan(
  runtime: Runtime,
  span: Span,
  operation: OperationType | undefined,
  thrown: unknown,
  reader: ErrorReader,
): void {
  const { settings } = runtime;
  const { captureErrorMessages, exceptionSignal } = settings;
  const type = errorType(thrown, reader);
  const message = captureErrorMessages ? messageOf(thrown) : undefined;
  span.setAttributes(settings.vocabulary.attributes({ errorType: type }));
  span.setStatus(
    message === undefined ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message },
  );
  const exception = exceptionAttributes(thrown, type, captureErrorMessages);
  if (exceptionSignal !== 'log') span.addEvent('exception', exception);
  if (exceptionSignal === 'event') return;
  runtime.emitLogRecord({
    ...(operation === 'process' ? ERROR : WARN),
    eventName: exceptionEvent(operation),
    attributes: exception,
    context: trace.setSpan(ROOT_CONTEXT, span),
  });
}

function exceptionAttributes(thrown: unknown, type: string, withMessage: boolean): Attributes {
  const exception: Attributes = { [ATTR_EXCEPTION_TYPE]: type };
  try {
    if (isObject(thrown)) exception[ATTR_EXCEPTION_TYPE] = className(thrown);
    if (!withMessage) return exception;
    const message = messageOf(thrown);
    if (message !== undefined) exception[ATTR_EXCEPTION_MESSAGE] = message;
    if (isObject(thrown) && typeof thrown['stack'] === 'string')
      exception[ATTR_EXCEPTION_STACKTRACE] = truncate(thrown['stack'], MAX_TEXT);
  } catch {
    // A getter threw. Keep the fields that were read before.
  }
  return exception;
}

function messageOf(thrown: unknown): string | undefined {
  try {
    if (!isObject(thrown)) return hasNoReason(thrown) ? undefined : truncate(String(thrown), MAX_TEXT);
    const { message } = thrown;
    return typeof message === 'string' ? truncate(message, MAX_TEXT) : undefined;
  } catch {
    return undefined;
  }
}

/** True for a rejection without a reason. It gets no status message, because "undefined" would look like an error message. */
const hasNoReason = (thrown: unknown): boolean => thrown === undefined || thrown === null;

function causesOf(error: ErrorFields): ErrorFields[] {
  const chain: ErrorFields[] = [];
  let next: unknown = error;
  while (isObject(next) && chain.length < MAX_CAUSES && !chain.includes(next)) {
    chain.push(next);
    // kafkajs 1.x has `originalError` instead of `cause`.
    next = next['cause'] ?? next['originalError'];
  }
  return chain;
}

function systemCode({ code }: ErrorFields): string | undefined {
  return typeof code === 'string' && SYSTEM_CODE.test(code) ? code : undefined;
}

/**
 * Returns the class name of an error. If `name` is that of a built-in class, such as "Error", the constructor may have a
 * better name.
 */
function className(error: ErrorFields): string {
  const { name, constructor } = error;
  const named = typeof name === 'string' && CLASS_NAME.test(name) ? name : undefined;
  if (named !== undefined && !BUILT_IN.has(named)) return named;
  const constructed = typeof constructor === 'function' && constructor !== Object ? constructor.name : '';
  return CLASS_NAME.test(constructed) ? constructed : (named ?? ERROR_TYPE_VALUE_OTHER);
}

function firstOf(
  chain: readonly ErrorFields[],
  pick: (error: ErrorFields) => string | undefined,
): string | undefined {
  for (const error of chain) {
    const picked = pick(error);
    if (picked !== undefined) return picked;
  }
  return undefined;
}
