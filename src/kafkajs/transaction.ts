import { context } from '@opentelemetry/api';
import type { ClientFacts } from '../telemetry/client';
import { attempt, isOff, type Telemetry } from '../telemetry/telemetry';
import { startTransaction, type TransactionOperation } from '../telemetry/transaction';
import { callAround } from '../telemetry/within';
import { instrumentSendOffsets } from './commits';
import { instrumentSends } from './sends';
import { isMethod, type Method, type Methods } from './types';
import { wrapMethod } from './wrap';

/** A transaction that has begun, and whether its commit or abort is on the way. */
interface Open {
  readonly operation: TransactionOperation;
  ending: boolean;
}

/** Wraps `producer.transaction()`, and `disconnect()`, after which an open transaction can end no more. */
export function instrumentTransactions(telemetry: Telemetry, producer: Methods, client: ClientFacts): void {
  const open = new Set<Open>();
  wrapMethod(producer, 'transaction', original => wrapTransaction(telemetry, client, original, open));
  wrapMethod(producer, 'disconnect', original => {
    return function (this: unknown, ...args: unknown[]): unknown {
      attempt(telemetry, 'transaction', () => {
        for (const each of open) if (!each.ending) close(open, each, 'abandoned');
      });
      return original.apply(this, args);
    };
  });
}

function wrapTransaction(
  telemetry: Telemetry,
  client: ClientFacts,
  original: Method,
  open: Set<Open>,
): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (isOff(telemetry)) return original.apply(this, args);
    const operation = attempt(telemetry, 'transaction', () => startTransaction(telemetry, client));
    if (!operation) return original.apply(this, args);
    return callAround(
      telemetry,
      {
        end(transaction) {
          const begun: Open = { operation, ending: false };
          open.add(begun);
          instrumentTransaction(telemetry, client, transaction as Methods, begun, open);
        },
        fail(error) {
          operation.failed(error);
          operation.end();
        },
      },
      () => original.apply(this, args),
    );
  };
}

/** kafkajs makes a new object for each transaction, so its methods are wrapped in place. */
function instrumentTransaction(
  telemetry: Telemetry,
  client: ClientFacts,
  transaction: Methods,
  begun: Open,
  open: Set<Open>,
): void {
  const active = () => begun.operation.within(context.active());
  instrumentSends(telemetry, transaction, client, active);
  instrumentSendOffsets(telemetry, transaction, client, active);
  for (const [name, outcome] of [
    ['commit', 'committed'],
    ['abort', 'aborted'],
  ] as const) {
    wrapMethod(transaction, name, original => {
      return function (this: unknown, ...args: unknown[]): unknown {
        // kafkajs refuses a second end while the first is on its way, and that says nothing of how the transaction ends.
        if (begun.ending) return original.apply(this, args);
        begun.ending = true;
        return callAround(
          telemetry,
          {
            end() {
              close(open, begun, outcome);
            },
            fail(error) {
              begun.ending = false;
              begun.operation.failed(error);
              // After a failed commit kafkajs allows neither another try nor an abort: this is how it ended.
              if (!isActive(transaction)) close(open, begun, 'unknown');
            },
          },
          () => original.apply(this, args),
        );
      };
    });
  }
}

function close(open: Set<Open>, each: Open, outcome: Parameters<TransactionOperation['end']>[0]): void {
  open.delete(each);
  each.operation.end(outcome);
}

function isActive({ isActive: active }: Methods): boolean {
  return isMethod(active) && active() === true;
}
