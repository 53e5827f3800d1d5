import { SpanKind, trace, type Context, type Span } from '@opentelemetry/api';
import { contextOfCall, type Runtime } from '../runtime';
import type { TransactionOutcome } from '../semconv/vocabulary';
import { attempt } from '../support/guard';
import { failSpan } from './errors';
import { runAround } from './operation';
import type { ClientInfo } from './port';
import { startSpan } from './span';

/**
 * Traces a transaction from its beginning to its commit or abort.
 *
 * @param open - the transactions of this producer that are not committed or aborted yet
 * @param begun - called with the library's result when the transaction has begun
 */
export function traceTransaction<Result>(
  runtime: Runtime,
  client: ClientInfo,
  open: Set<TracedTransaction>,
  call: () => Result,
  begun: (transaction: unknown, traced: TracedTransaction) => void,
): Result {
  const active = contextOfCall(runtime);
  const traced =
    active && attempt(runtime, 'transaction', () => new TracedTransaction(runtime, client, open, active));
  if (!traced) return call();
  return runAround(
    runtime,
    {
      end(transaction) {
        open.add(traced);
        begun(transaction, traced);
      },
      fail(error) {
        traced.fail(error);
        traced.end(undefined);
      },
    },
    call,
  );
}

/** The span of a Kafka transaction. It ends exactly once, at the latest when the producer disconnects. */
export class TracedTransaction {
  readonly #span: Span | undefined;
  #state: 'open' | 'ending' | 'ended' = 'open';
  /** True after a failed commit: the broker may have committed in spite of the error. */
  #mayBeCommitted = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly client: ClientInfo,
    private readonly open: Set<TracedTransaction>,
    active: Context,
  ) {
    // If no span can be created, the sends inside the transaction are still measured.
    this.#span = attempt(runtime, 'transaction', () =>
      startSpan(
        runtime,
        // No operation name, because the messaging conventions do not define transactions.
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
          parent: active,
        },
      ),
    );
  }

  /** The parent context for operations inside the transaction. */
  contextOver(active: Context): Context {
    const span = this.#span;
    return (span && attempt(this.runtime, 'context', () => trace.setSpan(active, span))) ?? active;
  }

  /** @param isStillOpen - called after a failure; true if the library allows another commit or abort */
  traceEnd<Result>(outcome: 'committed' | 'aborted', isStillOpen: () => boolean, call: () => Result): Result {
    // A commit or abort is already pending, so the library refuses this call. The refusal does not change the transaction.
    if (this.#state === 'ending') return call();
    if (this.#state === 'open') this.#state = 'ending';
    return runAround(
      this.runtime,
      {
        end: () => {
          this.end(outcome);
        },
        fail: error => {
          if (this.#state === 'ending') this.#state = 'open';
          if (outcome === 'committed') this.#mayBeCommitted = true;
          this.fail(error);
          if (!isStillOpen()) this.end('unknown');
        },
      },
      call,
    );
  }

  /** Called when the producer disconnects. An open transaction can then no longer be committed or aborted. */
  abandon(): void {
    if (this.#state === 'open') this.end(this.#mayBeCommitted ? 'unknown' : 'abandoned');
  }

  /** Records an error but does not end the span, because the transaction may continue. */
  fail(error: unknown): void {
    const span = this.#span;
    if (this.#state === 'ended') return;
    attempt(this.runtime, 'transaction', () => {
      if (span?.isRecording()) failSpan(this.runtime, span, undefined, error, this.client.errors);
    });
  }

  /** @param outcome - `undefined` if the transaction never began */
  end(outcome: TransactionOutcome | undefined): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.open.delete(this);
    attempt(this.runtime, 'transaction', () => {
      const facts = { transactionOutcome: outcome, clusterId: this.client.clusterId() };
      this.#span?.setAttributes(this.runtime.settings.vocabulary.attributes(facts));
    });
    this.#span?.end();
  }
}
