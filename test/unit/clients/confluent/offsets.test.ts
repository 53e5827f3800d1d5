import { EventEmitter } from 'node:events';
import { observeResolved } from '../../../../src/clients/confluent/consumer';
import { observeOffsets, type Offsets } from '../../../../src/clients/confluent/internal-client';
import type { Methods } from '../../../../src/support/wrap';
import { useTracing } from '../../core/tracing';

const tracing = useTracing();

/** The methods of the internal client that report offsets. */
class InternalClient extends EventEmitter {
  readonly _offsetsStoreSingle: (topic: string, partition: number, offset: number) => void = () => undefined;
  readonly unassign = () => undefined;
  readonly incrementalUnassign: (partitions: readonly object[]) => void = () => undefined;
}

let internal: InternalClient;
let offsets: Offsets;

beforeEach(() => {
  internal = new InternalClient();
  offsets = { stored: new Map(), sought: new WeakSet() };
  observeOffsets(tracing.runtime(), internal as unknown as Methods, offsets);
  internal._offsetsStoreSingle('orders', 0, 5);
  internal._offsetsStoreSingle('orders', 1, 9);
});

const stored = () => [...offsets.stored.values()].map(({ partition, offset }) => [partition, offset]);

test('a commit of the library removes what it committed, and not what was stored since', () => {
  internal._offsetsStoreSingle('orders', 1, 10);
  internal.emit('offset.commit', undefined, [
    { topic: 'orders', partition: 0, offset: 5 },
    { topic: 'orders', partition: 1, offset: 9 },
    { topic: 'orders', partition: 2 },
  ]);
  expect(stored()).toEqual([[1, 10]]);
});

test('a commit that failed removes nothing', () => {
  internal.emit('offset.commit', new Error('No offset stored'), [
    { topic: 'orders', partition: 0, offset: 5 },
  ]);
  expect(stored()).toEqual([
    [0, 5],
    [1, 9],
  ]);
});

test('the offset of a partition that is taken away is not due any more', () => {
  internal.incrementalUnassign([{ topic: 'orders', partition: 0 }]);
  expect(stored()).toEqual([[1, 9]]);
  internal.unassign();
  expect(stored()).toEqual([]);
});

test('offsets that are resolved out of order count as the library counts them: the highest one', () => {
  const [reported, passed]: [number[], unknown[]] = [[], []];
  const payload: Methods = { resolveOffset: (offset: unknown) => passed.push(offset) };
  observeResolved(tracing.runtime(), payload, { resolved: offset => void reported.push(offset) });
  const resolve = payload['resolveOffset'] as (offset: unknown) => void;
  for (const offset of ['31', 3, 31, 32]) resolve(offset);
  expect(passed).toEqual(['31', 3, 31, 32]);
  expect(reported).toEqual([31, 32]);
});
