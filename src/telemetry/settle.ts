import {
  SpanKind,
  context as contextApi,
  createContextKey,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { measureOperation } from './measure';
import { SpanOperation } from './process';
import { startSpan } from './span';
import type { ClientFacts } from './client';
import { attempt, type Telemetry } from './telemetry';
import { callAround, callWithin, Together, type Ending } from './within';
import { PACKAGE_NAME } from '../version';

/** A partition whose offset is committed. */
export interface Offset {
  readonly topic: string;
  readonly partition: number;
}

/** The offsets that a call commits; `undefined` where its arguments are such that kafkajs will refuse them. */
type Offsets = readonly Offset[] | undefined;

/** What a commit is about, as far as it is one thing. */
interface Committed {
  readonly group: string | undefined;
  readonly topic?: string;
  readonly partition?: number;
}

/** One commit of many partitions. */
function committedOf(group: string | undefined, offsets: Offsets = []): Committed {
  const [first] = offsets;
  if (!first || offsets.some(({ topic }) => topic !== first.topic)) return { group };
  const { topic, partition } = first;
  return offsets.length === 1 && Number.isInteger(partition) ? { group, topic, partition } : { group, topic };
}

/** Calls kafkajs for a commit that a transaction makes with it, inside a `commit` span. */
export function settling<Result>(
  telemetry: Telemetry,
  client: ClientFacts,
  asked: { readonly group: string | undefined; readonly offsets: Offsets },
  parent: Context,
  call: () => Result,
): Result {
  if (asked.offsets?.length === 0) return call();
  const operation = attempt(telemetry, 'commit', () =>
    startCommit(telemetry, client, committedOf(asked.group, asked.offsets), parent),
  );
  return operation ? callAround(telemetry, operation, call) : call();
}

/** What was committed by the call that a context belongs to. */
interface Witness {
  /** Whether the call runs in its context at all: without a context manager it does not. */
  isPresent: boolean;
  committed: Offsets;
}

const WITNESS = createContextKey(`${PACKAGE_NAME}.commit`);

/** Tells the call in whose context it happens that these offsets were committed. */
export function witnessCommit(offsets: readonly Offset[]): void {
  const witness = witnessIn(contextApi.active());
  if (witness) witness.committed = offsets;
}

const witnessIn = (active: Context) => active.getValue(WITNESS) as Witness | undefined;

/**
 * Calls kafkajs for a commit of a consumer. Whether it happens shows only afterwards: the usual loop asks after every message
 * whether one is due, and mostly none is; a consumer that has stopped resolves without a commit. So the span is made then,
 * with the remembered start, if there was a commit or it failed.
 *
 * @param asked - the offsets that the call names, or those that are due if it names none
 * @param isDemanded - whether it is to commit those in any case
 */
export function settlingIfDone<Result>(
  telemetry: Telemetry,
  client: ClientFacts,
  { asked, isDemanded }: { readonly asked: () => Offsets; readonly isDemanded: boolean },
  call: () => Result,
): Result {
  const witness: Witness = { isPresent: false, committed: undefined };
  const start = () => {
    const parent = contextApi.active();
    const startTime = Date.now();
    const late = (offsets: Offsets) =>
      startCommit(telemetry, client, committedOf(client.group, offsets), parent, startTime);
    return {
      context: parent.setValue(WITNESS, witness),
      end(result: unknown) {
        const unseen = isDemanded && !witness.isPresent ? asked() : undefined;
        const committed = witness.committed ?? unseen;
        if (committed && committed.length > 0) late(committed).end(result);
      },
      fail(error: unknown) {
        late(attempt(telemetry, 'commit', asked)).fail(error);
      },
    };
  };
  return callWithin(telemetry, start, () => {
    attempt(telemetry, 'commit', () => {
      witness.isPresent = witnessIn(contextApi.active()) === witness;
    });
    return call();
  });
}

/** A commit without a span, where these are switched off or one cannot be started, is still measured. */
function startCommit(
  telemetry: Telemetry,
  client: ClientFacts,
  committed: Committed,
  parent: Context,
  startTime?: number,
): Ending {
  const { topic, group } = committed;
  const elapsed = startTime === undefined ? 0 : Date.now() - startTime;
  const { metrics } = telemetry;
  const span = attempt(telemetry, 'commit', () =>
    startCommitSpan(telemetry, client, committed, parent, startTime),
  );
  return new Together(
    telemetry,
    new SpanOperation(telemetry, span, 'settle', parent),
    metrics && measureOperation(metrics, { ...client, group }, { operation: 'commit', topic }, elapsed),
  );
}

function startCommitSpan(
  telemetry: Telemetry,
  client: ClientFacts,
  { topic, partition, group }: Committed,
  parent: Context,
  startTime: number | undefined,
): Span | undefined {
  if (telemetry.settings.commitSpans === 'none') return undefined;
  return startSpan(
    telemetry,
    { kind: 'commit', name: 'commit', topic, group, messageCount: undefined },
    {
      kind: SpanKind.CLIENT,
      // No server: offsets go to the group's coordinator, not to the leader of the partition, and kafkajs tells nobody which.
      facts: {
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
}
