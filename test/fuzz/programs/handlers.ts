import fc, { type Arbitrary } from 'fast-check';
import type { Consumer } from 'kafkajs';
import type { Copy } from '../captured/copy';
import type { Session } from '../run/session';
import { anything } from '../values/anything';
import type { Recipe } from '../values/owned';

/** What a handler does before it ends. */
export type HandlerAction =
  | { readonly does: 'wait' | 'heartbeat' | 'pause' | 'resolve' | 'commit' | 'uncommitted' | 'stop' }
  | {
      readonly does: 'commitThese' | 'seek' | 'pauseThese' | 'resumeThese' | 'commitOffsets';
      readonly with: Recipe;
    };

export interface HandlerEnding {
  readonly end:
    'returns' | 'throws' | 'resolves' | 'rejects' | 'thenable resolves' | 'thenable rejects' | 'then throws';
  readonly what: Recipe;
}

/** What a handler does in one call. */
export interface HandlerBehaviour extends HandlerEnding {
  readonly actions: readonly HandlerAction[];
}

export function behaviour(): Arbitrary<HandlerBehaviour> {
  return fc
    .tuple(fc.array(action(), { maxLength: 2 }), ending())
    .map(([actions, ended]) => ({ actions, ...ended }));
}

export function ending(): Arbitrary<HandlerEnding> {
  return fc.record({
    end: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('returns' as const, 'resolves' as const) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          'throws' as const,
          'rejects' as const,
          'thenable resolves' as const,
          'thenable rejects' as const,
          'then throws' as const,
        ),
      },
    ),
    what: anything(),
  });
}

function action(): Arbitrary<HandlerAction> {
  const plain = fc.constantFrom('wait', 'heartbeat', 'pause', 'resolve', 'commit', 'uncommitted', 'stop');
  const given = fc.constantFrom('commitThese', 'seek', 'pauseThese', 'resumeThese', 'commitOffsets');
  return fc.oneof(
    { weight: 3, arbitrary: plain.map(does => ({ does })) },
    fc
      .tuple(
        given,
        given.chain(does => offsets(does)),
      )
      .map(([does, recipe]) => ({ does, with: recipe })),
  );
}

/** Generates an argument for the method. Most arguments are valid. */
export function offsets(method: string): Arbitrary<Recipe> {
  const offset = fc.constantFrom<unknown>('0', '1', '2', 3, '-1', '-2', 'x', undefined);
  const partition = fc.constantFrom<unknown>(0, 1, '0', 9, 'x', undefined);
  const valid = fc.tuple(partition, offset).map(([at, to]): Recipe => ({
    text: `${method} of ${String(at)}: ${String(to)}`,
    classes: ['offsets'],
    build: owned => owned.own(argumentOf(method, owned.topic('orders'), at, to)),
  }));
  return fc.oneof({ weight: 5, arbitrary: valid }, anything());
}

function argumentOf(method: string, topic: string, partition: unknown, offset: unknown): object {
  if (method === 'seek') return { topic, partition, offset };
  if (method === 'commitOffsets') return [{ topic, partition, offset }];
  if (method === 'commitThese') return { topics: [{ topic, partitions: [{ partition, offset }] }] };
  return [{ topic, partitions: partition === undefined ? undefined : [partition] }];
}

type Payload = Readonly<Record<string, unknown>>;

/**
 * Creates a handler that records its arguments. Each call follows the next entry of the plan. After the last entry,
 * calls only return.
 */
export function handler(
  session: Session<Copy>,
  name: string,
  plan: readonly HandlerBehaviour[],
  consumer: () => Consumer,
) {
  let calls = 0;
  return function (this: unknown, payload: Payload, ...more: unknown[]): unknown {
    const made: unknown = (this as { constructor?: unknown } | undefined)?.constructor;
    session.note(name, typeof made === 'function' ? made.name : 'no receiver', more.length, payload);
    const planned = plan[calls++];
    if (!planned) return undefined;
    const what = planned.what.build(session.owned);
    if (planned.actions.length === 0 && planned.end !== 'resolves' && planned.end !== 'rejects')
      return end(planned.end, what);
    return (async () => {
      for (const each of planned.actions) await perform(session, payload, each, consumer());
      return end(planned.end, what);
    })();
  };
}

export function end(how: HandlerEnding['end'], what: unknown): unknown {
  switch (how) {
    case 'throws':
    case 'rejects':
      throw what;
    case 'thenable resolves':
      return { then: (resolve: (value: unknown) => void) => { resolve(what === how ? what : 1); } }; // prettier-ignore
    case 'thenable rejects':
      return { then: (_: unknown, reject: (error: unknown) => void) => { reject(what); } }; // prettier-ignore
    case 'then throws':
      return {
        then() {
          throw what;
        },
      };
    default:
      return what;
  }
}

async function perform(
  session: Session<Copy>,
  payload: Payload,
  action: HandlerAction,
  consumer: Consumer,
): Promise<void> {
  const call = (owner: unknown, method: string, ...args: unknown[]) =>
    session.call(`${method} in a handler`, () => {
      const found = (owner as Payload)[method];
      return typeof found === 'function' ? (Reflect.apply(found, owner, args) as unknown) : 'no such method';
    });
  switch (action.does) {
    case 'wait':
      return Promise.resolve();
    case 'heartbeat':
      await call(payload, 'heartbeat');
      return;
    case 'pause':
      await call(payload, 'pause');
      return;
    case 'resolve':
      await call(payload, 'resolveOffset', firstOffset(payload));
      return;
    case 'commit':
      await call(payload, 'commitOffsetsIfNecessary');
      return;
    case 'commitThese':
      await call(payload, 'commitOffsetsIfNecessary', action.with.build(session.owned));
      return;
    case 'uncommitted':
      await call(payload, 'uncommittedOffsets');
      return;
    case 'stop':
      // Do not await `stop`: it waits for this handler, which would be a deadlock.
      void session.call('stop in a handler', () => consumer.stop());
      return;
    case 'seek':
      await call(consumer, 'seek', action.with.build(session.owned));
      return;
    case 'pauseThese':
      await call(consumer, 'pause', action.with.build(session.owned));
      return;
    case 'resumeThese':
      await call(consumer, 'resume', action.with.build(session.owned));
      return;
    case 'commitOffsets':
      await call(consumer, 'commitOffsets', action.with.build(session.owned));
      return;
  }
}

function firstOffset({ batch }: Payload): unknown {
  const { messages } = { ...(batch as { messages?: readonly { offset: string }[] } | undefined) };
  return messages?.[0]?.offset;
}
