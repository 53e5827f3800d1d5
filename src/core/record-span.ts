import { trace } from '@opentelemetry/api';
import { performance } from 'node:perf_hooks';
import type { MetricsRecorder } from '../metrics/recorder';
import { contextOfCall, isSdkRegistered, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import { sharedState } from '../support/shared-state';
import { errorType } from './errors';
import { composeOperations, runInside, type Operation } from './operation';
import type { ClientInfo, ReceivedMessage } from './port';
import { startMessageOfBatchSpan } from './process';

/**
 * Creates spans for records that no instrumented client delivered, such as the records of an AWS Lambda event. Other releases
 * of this package in the same process may call these methods. To change their meaning, use a new name instead of `records` in
 * `sharedState`.
 */
interface RecordTracer {
  run<Result>(record: object, fn: () => Result): Result;
  /** False if the option `propagation` forbids reading headers from this topic. */
  extracts(topic: string): boolean;
  /** False if this topic has `consumerContext: 'link'`. */
  continues(topic: string): boolean;
}

/**
 * Contains one tracer for each enabled instrumentation. All copies of this package share this map, because the program and an
 * AWS Lambda layer may load different copies. The only key of the WeakMap is the global object.
 */
const allTracers = sharedState('records', () => new WeakMap<object, Map<object, RecordTracer>>());

/** The tracer of the instrumentation that was enabled last. */
export function recordTracer(): RecordTracer | undefined {
  const tracers = allTracers.get(globalThis);
  return tracers && [...tracers.values()].at(-1);
}

export function addRecordTracer(runtime: Runtime, client: ClientInfo): void {
  const tracers = allTracers.get(globalThis) ?? new Map<object, RecordTracer>();
  allTracers.set(globalThis, tracers);
  tracers.set(runtime, {
    run: (record, fn) => runInRecordSpan(runtime, client, record, fn),
    extracts: topic => runtime.settings.extracts(topic),
    continues: topic => runtime.settings.consumerContext(topic) !== 'link',
  });
}

export function removeRecordTracer(runtime: Runtime): void {
  allTracers.get(globalThis)?.delete(runtime);
}

/**
 * Records outside of `eachBatch` have no batch span. The active span, for example of a Lambda invocation, is used
 * instead, as the parent or as the target of a link.
 */
function runInRecordSpan<Result>(
  runtime: Runtime,
  client: ClientInfo,
  record: object,
  fn: () => Result,
): Result {
  const active = isSdkRegistered(runtime) ? contextOfCall(runtime) : undefined;
  const received = active && attempt(runtime, 'withMessageSpan', () => readRecord(runtime, client, record));
  if (!received) return fn();
  const span = attempt(runtime, 'withMessageSpan', () =>
    startMessageOfBatchSpan(runtime, client, received, {
      live: trace.getSpan(active),
      context: trace.getSpanContext(active),
    }),
  );
  const run = attempt(runtime, 'metrics', () => {
    const { metrics } = runtime;
    return metrics?.hasMetricReader ? new RecordRun(metrics, client, received) : undefined;
  });
  return runInside(runtime, composeOperations(runtime, [span, run]), fn);
}

function readRecord(runtime: Runtime, client: ClientInfo, record: object): ReceivedMessage | undefined {
  const { topic } = (record as { topic?: unknown } | undefined) ?? {};
  const partition = client.messages.partition(record) ?? NaN;
  if (typeof topic === 'string' && partition >= 0 && client.messages.offset(record) !== undefined)
    return { topic, partition, message: record };
  runtime.log.warn(
    'withMessageSpan',
    'withMessageSpan got an object that is not a Kafka record, so no span was created. Pass a record with topic, partition and offset, for example from an AWS Lambda event. Inside eachBatch, pass three arguments: the batch, the message and a function.',
  );
  return undefined;
}

/** Records the same metrics as for a message of `eachMessage`, but no consumer lag. */
class RecordRun implements Operation {
  readonly #started = performance.now();

  constructor(
    private readonly metrics: MetricsRecorder,
    private readonly client: ClientInfo,
    private readonly received: ReceivedMessage,
  ) {
    const { topic, message } = received;
    metrics.countConsumed(client, topic, 1);
    const timestamp = client.messages.timestamp(message);
    if (timestamp !== undefined) metrics.recordQueueTime(client, topic, timestamp, false);
  }

  end(): void {
    this.#finish(undefined);
  }

  fail(error: unknown): void {
    this.#finish(errorType(error, this.client.errors));
  }

  #finish(failure: string | undefined): void {
    const seconds = (performance.now() - this.#started) / 1000;
    const { topic } = this.received;
    this.metrics.recordDuration(this.client, { operation: 'process', topic, seconds, errorType: failure });
  }
}
