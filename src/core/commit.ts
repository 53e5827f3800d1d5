import { SpanKind, context as contextApi, createContextKey, type Context } from '@opentelemetry/api';
import { performance } from 'node:perf_hooks';
import { contextOfCall, type Runtime } from '../runtime';
import { attempt } from '../support/guard';
import { PACKAGE_NAME } from '../support/version';
import { errorType } from './errors';
import { composeOperations, runAround, runInside, type Operation } from './operation';
import type { ClientInfo, CommittedPartition } from './port';
import { SpanOperation, startSpan } from './span';
import type { TracedTransaction } from './transaction';

type Partitions = readonly CommittedPartition[] | undefined;

export interface CommitRequest {
  /**
   * Returns the partitions in the argument of the call. If the call has no argument, returns all partitions with an
   * offset to commit. Returns `undefined` if the library will refuse the argument.
   */
  partitions(): Partitions;
  /** True if the call always commits something. False if there may be nothing to commit. */
  readonly isExplicit: boolean;
  /** The partitions that a successful call has committed. Not needed if the code for the library calls `reportCommit`. */
  committed?(): Partitions;
}

interface CommitProbe {
  /** True if `reportCommit` finds this object in the active context. False if no context manager is registered. */
  isActive: boolean;
  committed: Partitions;
}

const COMMIT_PROBE = createContextKey(`${PACKAGE_NAME}.commit`);

const activeProbe = () => contextApi.active().getValue(COMMIT_PROBE) as CommitProbe | undefined;

/** Tells the commit call in the active context which partitions the library has committed. */
export function reportCommit(partitions: readonly CommittedPartition[]): void {
  const probe = activeProbe();
  if (probe) probe.committed = partitions;
}

/**
 * Traces and measures a commit of a consumer. Many programs call a commit method after every message, and most of these calls
 * commit nothing. So the span is created when the call ends, and only if something was committed or the call failed.
 */
export function traceCommit<Result>(
  runtime: Runtime,
  client: ClientInfo,
  request: CommitRequest,
  call: () => Result,
): Result {
  const parent = tracesCommits(runtime) ? contextOfCall(runtime) : undefined;
  if (!parent) return call();
  const probe: CommitProbe = { isActive: false, committed: undefined };
  const started = Date.now();
  const startLate = (partitions: Partitions) =>
    startCommit(runtime, client, client.group, partitions, parent, started);
  const operation: Operation = {
    context: attempt(runtime, 'commit', () => parent.setValue(COMMIT_PROBE, probe)),
    end(result) {
      const unreported = request.isExplicit && !probe.isActive ? request.partitions() : undefined;
      const committed = request.committed ? request.committed() : (probe.committed ?? unreported);
      if (committed && committed.length > 0) startLate(committed).end(result);
    },
    fail(error) {
      startLate(attempt(runtime, 'commit', () => request.partitions())).fail(error);
    },
  };
  return runInside(runtime, operation, () => {
    probe.isActive = attempt(runtime, 'commit', activeProbe) === probe;
    return call();
  });
}

export function traceTransactionCommit<Result>(
  runtime: Runtime,
  client: ClientInfo,
  transaction: TracedTransaction,
  { group, partitions }: { readonly group: string | undefined; readonly partitions: Partitions },
  call: () => Result,
): Result {
  const current = tracesCommits(runtime) ? contextOfCall(runtime) : undefined;
  if (!current || partitions?.length === 0) return call();
  const parent = transaction.contextOver(current);
  const operation = attempt(runtime, 'commit', () => startCommit(runtime, client, group, partitions, parent));
  return operation ? runAround(runtime, operation, call) : call();
}

export function tracesCommits(runtime: Runtime): boolean {
  const isTraced = () => runtime.settings.commitSpans !== 'none' || runtime.metrics !== undefined;
  return runtime.isEnabled && attempt(runtime, 'commit', isTraced) === true;
}

/** Starts the measurement and, unless `commitSpans` is `'none'`, the span of one commit. */
function startCommit(
  runtime: Runtime,
  client: ClientInfo,
  group: string | undefined,
  partitions: Partitions = [],
  parent: Context,
  startTime?: number,
): Operation {
  const { topic, partition } = commonDestination(partitions);
  const measurement = attempt(runtime, 'metrics', () =>
    measureCommit(runtime, client, group, topic, startTime === undefined ? 0 : Date.now() - startTime),
  );
  const span = attempt(runtime, 'commit', () => {
    const { settings } = runtime;
    if (settings.commitSpans === 'none') return undefined;
    return startSpan(
      runtime,
      { kind: 'commit', name: 'commit', topic, group, messageCount: undefined },
      {
        kind: SpanKind.CLIENT,
        // The span has no server address. The group coordinator handles commits, and kafkajs does not tell which broker
        // is the coordinator.
        facts: {
          operationName: settings.naming.operation('commit'),
          operationType: 'settle',
          destination: topic,
          partition,
          group,
          clientId: client.clientId(),
          clusterId: client.clusterId(),
        },
        parent,
        startTime,
      },
    );
  });
  return composeOperations(runtime, [
    new SpanOperation(runtime, span, 'settle', client.errors, undefined),
    measurement,
  ]);
}

function commonDestination(partitions: readonly CommittedPartition[]): Partial<CommittedPartition> {
  const [first] = partitions;
  if (!first || partitions.some(({ topic }) => topic !== first.topic)) return {};
  const { topic, partition } = first;
  return partitions.length === 1 && Number.isInteger(partition) ? { topic, partition } : { topic };
}

function measureCommit(
  { metrics }: Runtime,
  client: ClientInfo,
  group: string | undefined,
  topic: string | undefined,
  elapsed: number,
): Operation | undefined {
  if (!metrics) return undefined;
  const started = performance.now() - elapsed;
  const record = (failure: string | undefined) => {
    const seconds = (performance.now() - started) / 1000;
    metrics.recordDuration({ group }, { operation: 'commit', topic, seconds, errorType: failure });
  };
  return {
    end() {
      record(undefined);
    },
    fail(error) {
      record(errorType(error, client.errors));
    },
  };
}
