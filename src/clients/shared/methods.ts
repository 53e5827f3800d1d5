import { runAround, type Operation } from '../../core/operation';
import type { TracedTransaction } from '../../core/transaction';
import type { Runtime } from '../../runtime';
import { attempt } from '../../support/guard';
import { isMethod, wrapMethod, type Methods } from '../../support/wrap';

/**
 * Wraps `commit()` and `abort()` of a transaction.
 *
 * @param owner - the object with these methods
 * @param current - returns the open transaction, or `undefined` if no transaction is open
 */
export function wrapTransactionEnds(owner: Methods, current: () => TracedTransaction | undefined): void {
  const isActive = () => isMethod(owner['isActive']) && owner['isActive']() === true;
  for (const [name, outcome] of [
    ['commit', 'committed'],
    ['abort', 'aborted'],
  ] as const) {
    wrapMethod(
      owner,
      name,
      original =>
        function (this: unknown, ...args: unknown[]): unknown {
          const call = () => original.apply(this, args);
          const transaction = current();
          return transaction ? transaction.traceEnd(outcome, isActive, call) : call();
        },
    );
  }
}

/**
 * Wraps `disconnect()` of a producer. Ends the spans of open transactions, because a transaction cannot be committed or
 * aborted after a disconnect.
 *
 * @param operation - an operation that ends when the call of `disconnect()` ends
 */
export function wrapDisconnect(
  runtime: Runtime,
  producer: Methods,
  open: ReadonlySet<TracedTransaction>,
  operation?: Operation,
): void {
  wrapMethod(
    producer,
    'disconnect',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        attempt(runtime, 'transaction', () => {
          for (const transaction of open) transaction.abandon();
        });
        const call = () => original.apply(this, args);
        return operation ? runAround(runtime, operation, call) : call();
      },
  );
}

/**
 * Reports the seeks of a consumer. After a seek to the end of a partition, the consumer fetches nothing, so no other event
 * reports the new position.
 */
export function observeSeeks(
  runtime: Runtime,
  consumer: Methods,
  report: (topic: string, partition: number, offset: number) => void,
): void {
  wrapMethod(
    consumer,
    'seek',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const result = original.apply(this, args);
        attempt(runtime, 'seek', () => {
          const { topic, partition, offset } = args[0] as {
            topic: string;
            partition: number;
            offset: unknown;
          };
          report(topic, partition, Number(offset));
        });
        return result;
      },
  );
}
