import { ROOT_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { exceptionEvent, type OperationType } from '../semconv/vocabulary';
import { recordFailure } from './errors';
import type { Telemetry } from './telemetry';

/** Severities of the logs data model. Only a handler's failure is an error; a client's may be retried by the program. */
const WARN = { severityNumber: 13, severityText: 'WARN' };
const ERROR = { severityNumber: 17, severityText: 'ERROR' };

/**
 * Marks a recording span as failed. Its exception goes where `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN` says: onto the span as an
 * event, into a log record of the span, or both.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/exceptions/}
 */
export function failSpan(
  telemetry: Telemetry,
  span: Span,
  type: OperationType | undefined,
  thrown: unknown,
): void {
  const { settings } = telemetry;
  const exception = recordFailure(span, thrown, settings);
  if (settings.exceptionSignal === 'event') return;
  telemetry.emit({
    ...(type === 'process' ? ERROR : WARN),
    eventName: exceptionEvent(type),
    attributes: exception,
    context: trace.setSpan(ROOT_CONTEXT, span),
  });
}
