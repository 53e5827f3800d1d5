import fc, { type Arbitrary } from 'fast-check';
import { end, ending, type HandlerEnding } from '../../programs/handlers';
import type { Methods } from '../../mutant';
import type { Session } from '../../run/session';
import { anything, primitives } from '../../values/anything';
import type { Recipe } from '../../values/owned';
import type { ConfluentCopy } from '../copy';

const PAYLOAD_CALLS = [
  'heartbeat',
  'pause',
  'commitOffsetsIfNecessary',
  'uncommittedOffsets',
  'isRunning',
  'isStale',
] as const;
const CONSUMER_CALLS = [
  'seek',
  'pause',
  'resume',
  'commitOffsets',
  'committed',
  'assignment',
  'paused',
] as const;

/** What a handler does before it ends. */
type Action =
  | { readonly does: 'wait' | 'disconnect' | 'resume what was paused' }
  | { readonly does: 'payload'; readonly method: (typeof PAYLOAD_CALLS)[number] }
  | { readonly does: 'resolveOffset'; readonly with: Recipe; readonly isDetached: boolean }
  | { readonly does: 'consumer'; readonly method: (typeof CONSUMER_CALLS)[number]; readonly with: Recipe };

/** What a handler does in one call. */
export interface Behaviour extends HandlerEnding {
  readonly actions: readonly Action[];
}

export function behaviour(): Arbitrary<Behaviour> {
  return fc
    .tuple(fc.array(action(), { maxLength: 3 }), ending())
    .map(([actions, ended]) => ({ actions, ...ended }));
}

function action(): Arbitrary<Action> {
  const resolved = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<unknown>('0', '1', 2, -1, '-5', 99, ' 1 ', '1e0', 1.5) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>('x', undefined, null, NaN) },
  );
  return fc.oneof<Arbitrary<Action>[]>(
    fc.constantFrom('wait' as const, 'resume what was paused' as const).map(does => ({ does })),
    fc.constantFrom(...PAYLOAD_CALLS).map(method => ({ does: 'payload' as const, method })),
    fc
      .tuple(
        fc.oneof(
          resolved.map(value => ({ text: String(value), classes: ['offsets'], build: () => value })),
          primitives(),
        ),
        fc.boolean(),
      )
      .map(([made, isDetached]) => ({ does: 'resolveOffset' as const, with: made, isDetached })),
    fc
      .constantFrom(...CONSUMER_CALLS)
      .chain(method => argument(method).map(made => ({ does: 'consumer' as const, method, with: made }))),
    { weight: 1, arbitrary: fc.constant({ does: 'disconnect' as const }) } as never,
  );
}

/** Generates an argument for a method of the consumer. Most arguments are valid. */
export function argument(method: string): Arbitrary<Recipe> {
  const offset = fc.constantFrom<unknown>('0', '1', '2', 3, '-1', '-2', '-5', 'x', undefined);
  const partition = fc.constantFrom<unknown>(0, 1, '0', 9, 'x', undefined);
  const valid = fc.tuple(partition, offset, fc.boolean()).map(([at, to, isFrozen]): Recipe => ({
    text: `${isFrozen ? 'frozen ' : ''}${method} of ${String(at)}: ${String(to)}`,
    classes: ['offsets', ...(isFrozen ? ['frozen'] : [])],
    build: owned => {
      const made = argumentOf(method, owned.topic('orders'), at, to);
      return owned.own(isFrozen ? Object.freeze(made) : made);
    },
  }));
  return fc.oneof({ weight: 5, arbitrary: valid }, anything());
}

function argumentOf(method: string, topic: string, partition: unknown, offset: unknown): object {
  if (method === 'seek') return { topic, partition, offset };
  if (method === 'commitOffsets') return [{ topic, partition, offset, metadata: 'mine' }];
  if (method === 'committed') return [{ topic, partition }];
  return [{ topic, partitions: partition === undefined ? undefined : [partition] }];
}

/**
 * Creates a handler that logs its arguments. Each call follows the next entry of the plan. After the last entry, calls
 * only return.
 */
export function handler(
  session: Session<ConfluentCopy>,
  name: string,
  plan: readonly Behaviour[],
  consumer: Methods,
): (this: unknown, ...args: unknown[]) => unknown {
  let calls = 0;
  return function (this: unknown, ...args: unknown[]): unknown {
    const payload = args[0] as Methods;
    session.note(name, receiverOf(this), args.length, payload);
    const planned = plan[calls++];
    if (!planned) return undefined;
    const what = planned.what.build(session.owned);
    if (planned.actions.length === 0 && planned.end !== 'resolves' && planned.end !== 'rejects')
      return end(planned.end, what);
    return (async () => {
      const paused: unknown[] = [];
      for (const each of planned.actions) await perform(session, each, { payload, consumer, paused });
      session.note(`${name} afterwards`, payload);
      return end(planned.end, what);
    })();
  };
}

/**
 * The library calls a handler as a method of a copy of the config. Leaves out the handlers in this copy, because they
 * may be wrappers.
 */
function receiverOf(receiver: unknown): unknown {
  if (typeof receiver !== 'object' || receiver === null) return typeof receiver;
  return Object.entries(receiver).map(([name, value]: [string, unknown]) =>
    name === 'eachMessage' || name === 'eachBatch' ? [name, typeof value] : [name, value],
  );
}

interface Surroundings {
  readonly payload: Methods;
  readonly consumer: Methods;
  readonly paused: unknown[];
}

async function perform(
  session: Session<ConfluentCopy>,
  action: Action,
  { payload, consumer, paused }: Surroundings,
): Promise<void> {
  const call = async (owner: Methods, method: string, args: unknown[], receiver: unknown = owner) => {
    const result = await session.call(`${method} in a handler`, () => {
      const found = owner[method];
      return typeof found === 'function'
        ? (Reflect.apply(found, receiver, args) as unknown)
        : 'no such method';
    });
    if (method === 'pause') paused.push(result);
  };
  switch (action.does) {
    case 'wait':
      return Promise.resolve();
    case 'disconnect':
      // Do not await `disconnect`: it waits for this handler, which would be a deadlock.
      void call(consumer, 'disconnect', []);
      return;
    case 'resume what was paused':
      for (const resume of paused.splice(0))
        if (typeof resume === 'function') session.note('resumed', (resume as () => unknown)());
      return;
    case 'payload':
      await call(payload, action.method, []);
      return;
    case 'resolveOffset':
      await call(
        payload,
        'resolveOffset',
        [action.with.build(session.owned)],
        action.isDetached ? undefined : payload,
      );
      return;
    case 'consumer':
      await call(consumer, action.method, [action.with.build(session.owned)]);
      return;
  }
}
