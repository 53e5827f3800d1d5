import { SpanKind, context as contextApi, trace, type Context } from '@opentelemetry/api';
import type { TransactionOutcome } from '../semconv/vocabulary';
import { failSpan } from './failure';
import { startSpan } from './span';
import type { ClientFacts } from './client';
import { attempt, type Telemetry } from './telemetry';

/** The span of a Kafka transaction, from `producer.transaction()` to its commit or abort. It ends exactly once. */
export interface TransactionOperation {
  /** The context for what happens inside the transaction: its span over whatever else is active. */
  within(active: Context): Context;
  /** Notes an error; the transaction may go on. */
  failed(error: unknown): void;
  /** Without an outcome where the transaction never began. */
  end(outcome?: TransactionOutcome): void;
}

export function startTransaction(telemetry: Telemetry, client: ClientFacts): TransactionOperation {
  // Without its span the transaction is instrumented all the same: the sends inside it are to be counted.
  const span = attempt(telemetry, 'transaction', () =>
    startSpan(
      telemetry,
      {
        kind: 'transaction',
        name: 'transaction',
        topic: undefined,
        group: undefined,
        messageCount: undefined,
      },
      {
        kind: SpanKind.INTERNAL,
        facts: { clientId: client.clientId(), clusterId: client.clusterId() },
        parent: contextApi.active(),
      },
    ),
  );
  let ended = false;
  return {
    within: active => (span ? trace.setSpan(active, span) : active),
    failed(error) {
      if (!ended && span?.isRecording()) failSpan(telemetry, span, undefined, error);
    },
    end(outcome) {
      if (ended) return;
      ended = true;
      attempt(telemetry, 'transaction', () => {
        const facts = { transactionOutcome: outcome, clusterId: client.clusterId() };
        span?.setAttributes(telemetry.settings.vocabulary.attributes(facts));
      });
      span?.end();
    },
  };
}
