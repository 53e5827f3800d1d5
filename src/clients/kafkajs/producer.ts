import type { ClientInfo } from '../../core/port';
import { traceSend } from '../../core/send';
import { traceTransaction, type TracedTransaction } from '../../core/transaction';
import { traceTransactionCommit } from '../../core/commit';
import type { Runtime } from '../../runtime';
import { isMethod, wrapMethod, type Methods } from '../../support/wrap';
import { attempt } from '../../support/guard';
import { partitionsOf, readable } from './commits';
import { observeRequests } from './events';
import { readSend, readSendBatch } from './requests';

export function instrumentProducer(runtime: Runtime, producer: Methods, client: ClientInfo): void {
  observeRequests(runtime, producer);
  wrapSends(runtime, producer, client);
  const open = new Set<TracedTransaction>();
  wrapMethod(
    producer,
    'transaction',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        return traceTransaction(
          runtime,
          client,
          open,
          () => original.apply(this, args),
          (transaction, traced) => {
            wrapTransaction(runtime, transaction as Methods, client, traced);
          },
        );
      },
  );
  wrapMethod(
    producer,
    'disconnect',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        attempt(runtime, 'transaction', () => {
          for (const transaction of open) transaction.abandon();
        });
        return original.apply(this, args);
      },
  );
}

/** kafkajs's `send` does not call its `sendBatch`, so both are wrapped. */
function wrapSends(
  runtime: Runtime,
  owner: Methods,
  client: ClientInfo,
  transaction?: TracedTransaction,
): void {
  for (const [name, read] of [
    ['send', readSend],
    ['sendBatch', readSendBatch],
  ] as const) {
    wrapMethod(
      owner,
      name,
      original =>
        function (this: unknown, ...args: unknown[]): unknown {
          return traceSend(
            runtime,
            client,
            () => read(args[0]),
            replaced => original.apply(this, replaced === undefined ? args : [replaced, ...args.slice(1)]),
            transaction,
          );
        },
    );
  }
}

/** kafkajs creates an object for each transaction, so its methods are wrapped in place. */
function wrapTransaction(
  runtime: Runtime,
  transaction: Methods,
  client: ClientInfo,
  traced: TracedTransaction,
): void {
  wrapSends(runtime, transaction, client, traced);
  wrapMethod(
    transaction,
    'sendOffsets',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const group = readable(() => (args[0] as { consumerGroupId: unknown }).consumerGroupId);
        const commit = {
          group: typeof group === 'string' ? group : undefined,
          partitions: readable(() => partitionsOf(args[0])),
        };
        return traceTransactionCommit(runtime, client, traced, commit, () => original.apply(this, args));
      },
  );
  const isActive = () => isMethod(transaction['isActive']) && transaction['isActive']() === true;
  for (const [name, outcome] of [
    ['commit', 'committed'],
    ['abort', 'aborted'],
  ] as const) {
    wrapMethod(
      transaction,
      name,
      original =>
        function (this: unknown, ...args: unknown[]): unknown {
          return traced.traceEnd(outcome, isActive, () => original.apply(this, args));
        },
    );
  }
}
