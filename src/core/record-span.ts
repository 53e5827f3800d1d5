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
 * Traces records that no instrumented client delivered. Another copy of this package, possibly from another release, may call
 * these methods. If their meaning changes, use a new name in `sharedState`.
 */
interface RecordTracer {
  /** Runs code in the span of a record. */
  run<Result>(record: object, fn: () => Result): Result;
  /** False if the options say that headers of this topic are not read. */
  extracts(topic: string): boolean;
  /** False if spans must only link to the producers of this topic, and not continue their traces. */
  continues(topic: string): boolean;
}

/**
 * The tracers of all enabled instrumentations, by runtime. All copies of this package share them, because an AWS Lambda layer and the
 * program that calls `withMessageSpan` may use different copies. `sharedState` needs a WeakMap, whose only key here is the global
 * object.
 */
const allTracers = sharedState('records', () => new WeakMap<object, Map<object, RecordTracer>>());

/** The tracer of the instrumentation that was enabled last. */
export function recordTracer(): RecordTracer | undefined {
  const tracers = allTracers.get(globalThis);
  return tracers && [...tracers.values()].at(-1);
}

/** Lets `withMessageSpan` trace records with this runtime. */
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

/** The active span, for example the span of a Lambda invocation, takes the place of the batch span. */
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
    'withMessageSpan got an object that is not a Kafka record, so no span was created. Pass a record with topic, partition and offset, as in an event of AWS Lambda. Inside eachBatch, pass batch, message and function.',
  );
  return undefined;
}

/** Measures one record like a message of `eachMessage`, but without progress and lag. */
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
