import {
  ROOT_CONTEXT,
  context as contextApi,
  defaultTextMapGetter,
  propagation,
  type Context,
  type Link,
} from '@opentelemetry/api';
import { originsOf } from '../propagation/batch-origins';
import { readHeaders } from '../propagation/header-forms';
import { isObject } from '../support/copies';
import { attempt, packageLogging } from '../support/guard';
import { MAX_LINKS } from './span';
import { recordTracer } from './record-span';

/**
 * The value for the option `eventContextExtractor` of `@opentelemetry/instrumentation-aws-lambda`, for functions with a
 * Kafka trigger.
 *
 * If all records of an event come from the same producer span, that span becomes the parent of the invocation span, and
 * its baggage is active. Otherwise the invocation span starts a new trace. It also starts a new trace if a record
 * belongs to a topic with `consumerContext: 'link'`, or to a topic whose headers must not be read because of the option
 * `propagation`. For an event of another trigger, the context is read from the event's HTTP headers, as the default
 * extractor does.
 *
 * ```js
 * new AwsLambdaInstrumentation({ eventContextExtractor });
 * ```
 *
 * @param event - the event that AWS Lambda passes to the function
 * @returns the context for the invocation span
 */
export function eventContextExtractor(event: unknown): Context {
  const extracted = attempt(packageLogging, 'eventContextExtractor', () => {
    const records = recordsOf(event);
    if (!records) {
      const headers = isObject(event) ? event['headers'] : undefined;
      return propagation.extract(contextApi.active(), headers ?? {}, defaultTextMapGetter);
    }
    const { origins, isComplete } = originsOf(readerOf(true), records, ROOT_CONTEXT);
    return isComplete && origins.length === 1 ? origins[0]?.context : ROOT_CONTEXT;
  });
  return extracted ?? ROOT_CONTEXT;
}

/**
 * Returns links to the producer spans of an event's records: each span once, sampled spans first, at most 128. Add the links
 * to the invocation span if the function handles all records of an event together.
 *
 * ```js
 * new AwsLambdaInstrumentation({ requestHook: (span, { event }) => span.addLinks(eventLinks(event)) });
 * ```
 *
 * @param event - the event that AWS Lambda passes to the function
 * @returns an empty list if the event does not come from a Kafka trigger
 */
export function eventLinks(event: unknown): Link[] {
  const links = attempt(packageLogging, 'eventLinks', () =>
    originsOf(readerOf(false), recordsOf(event) ?? [], ROOT_CONTEXT, MAX_LINKS).origins.map(({ span }) => ({
      context: span,
    })),
  );
  return links ?? [];
}

/**
 * Creates a reader that returns no headers for topics whose headers the options exclude.
 *
 * @param isParent - true if the producer's span would become a parent. Topics with `consumerContext: 'link'` are then
 *   excluded too
 */
const readerOf = (isParent: boolean) => ({
  receivedHeaders(record: unknown) {
    const { topic, headers } = record as { topic?: unknown; headers?: unknown };
    const tracer = recordTracer();
    if (tracer && !tracer.extracts(String(topic))) return undefined;
    if (tracer && isParent && !tracer.continues(String(topic))) return undefined;
    return readHeaders(headers);
  },
});

/**
 * Returns all records of a Kafka event, or `undefined` for an event of another trigger. A Kafka event has one list of records
 * for each partition.
 */
function recordsOf(event: unknown): readonly unknown[] | undefined {
  const lists = isObject(event) && isObject(event['records']) ? Object.values(event['records']) : [];
  return lists.length > 0 && lists.every(list => Array.isArray(list))
    ? lists.flat().filter(isObject)
    : undefined;
}
