import { SpanKind, context as contextApi, createContextKey, type Context } from '@opentelemetry/api';
import { measureOperation } from './measure';
import { operationOf } from './process';
import { startSpan } from './span';
import { attempt, type ClientFacts, type Telemetry } from './telemetry';
import { callAround, callWithin, together, type Ending } from './within';

/** What a commit is about, as far as it is one thing. */
export interface Committed {
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  readonly group: string | undefined;
}

/** One commit of many partitions. */
export function committedOf(
  group: string | undefined,
  offsets: readonly { readonly topic: string; readonly partition: number }[],
): Committed | undefined {
  const [first] = offsets;
  if (!first) return undefined;
  const isOneTopic = offsets.every(({ topic }) => topic === first.topic);
  return {
    group,
    topic: isOneTopic ? first.topic : undefined,
    partition: isOneTopic && offsets.length === 1 ? first.partition : undefined,
  };
}

/** Calls kafkajs for a commit that the application asked for, inside a `commit` span. */
export function settling<Result>(
  telemetry: Telemetry,
  client: ClientFacts,
  committed: () => Committed | undefined,
  parent: Context,
  call: () => Result,
): Result {
  const operation = attempt(telemetry, 'commit', () => {
    const what = committed();
    return what && startCommit(telemetry, client, what, parent);
  });
  return operation ? callAround(telemetry, operation, call) : call();
}

/** Whether anything was committed by the call that a context belongs to. */
interface Witness {
  committed: boolean;
}

const WITNESS = createContextKey('@org/kafka-otel.commit');

/** Tells the call in whose context it happens that offsets were committed. */
export function witnessCommit(): void {
  const witness = contextApi.active().getValue(WITNESS) as Witness | undefined;
  if (witness) witness.committed = true;
}

/**
 * Calls kafkajs for a commit that happens only if it is due. The usual loop asks after every message, and mostly nothing is:
 * so the span is made afterwards, with the remembered start, if there was a commit or it failed.
 */
export function settlingIfDue<Result>(
  telemetry: Telemetry,
  client: ClientFacts,
  committed: Committed,
  call: () => Result,
): Result {
  const parent = contextApi.active();
  const witness: Witness = { committed: false };
  const startTime = Date.now();
  const late = (tell: (operation: Ending) => void) => {
    const operation = startCommit(telemetry, client, committed, parent, startTime);
    tell(operation);
  };
  return callWithin(
    telemetry,
    () => ({
      context: parent.setValue(WITNESS, witness),
      end(result) {
        if (witness.committed)
          late(operation => {
            operation.end(result);
          });
      },
      fail(error) {
        late(operation => {
          operation.fail(error);
        });
      },
    }),
    call,
  );
}

function startCommit(
  telemetry: Telemetry,
  client: ClientFacts,
  { topic, partition, group }: Committed,
  parent: Context,
  startTime?: number,
): Ending {
  const { metrics, settings } = telemetry;
  const leader = topic === undefined || partition === undefined ? undefined : client.leader(topic, partition);
  const span =
    settings.commitSpans === 'none'
      ? undefined
      : startSpan(
          telemetry,
          { kind: 'commit', name: 'commit', topic, group, messageCount: undefined },
          {
            kind: SpanKind.CLIENT,
            facts: {
              operationType: 'settle',
              destination: topic,
              partition,
              group,
              clientId: client.clientId(),
              clusterId: client.clusterId(),
              serverAddress: leader?.host,
              serverPort: leader?.port,
            },
            parent,
            startTime,
          },
        );
  const elapsed = startTime === undefined ? 0 : Date.now() - startTime;
  return together(
    telemetry,
    operationOf(telemetry, span, 'settle', parent),
    metrics && measureOperation(metrics, { ...client, group }, { operation: 'commit', topic }, elapsed),
  );
}
