import fc, { type Arbitrary } from 'fast-check';
import type { Methods } from '../../mutant';
import type { Program } from '../../run/observe';
import type { Session } from '../../run/session';
import { settings } from '../../run/setting';
import { anything } from '../../values/anything';
import { owning, type Recipe } from '../../values/owned';
import { stepOf, type Step } from '../../programs/shared';
import type { Reply } from '../addon';
import type { ConfluentCopy } from '../copy';
import { capturedCluster, kafkaOf } from '../kafka';
import { batch, request } from './requests';

type Method =
  | 'send'
  | 'sendBatch'
  | 'transaction'
  | 'commit'
  | 'abort'
  | 'sendOffsets'
  | 'isActive'
  | 'flush'
  | 'connect'
  | 'disconnect';

export function reply(failures: readonly number[], refusals = failures): Arbitrary<Reply> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant<Reply>('answer') },
    { weight: 2, arbitrary: fc.constantFrom(...failures).map(failed => ({ failed })) },
    { weight: 1, arbitrary: fc.constantFrom(...refusals).map(refused => ({ refused })) },
  );
}

function argumentOf(method: Method): Arbitrary<Recipe | undefined> {
  if (method === 'send') return fc.oneof({ weight: 40, arbitrary: request() }, fc.constant(undefined));
  if (method === 'sendBatch') return fc.oneof({ weight: 40, arbitrary: batch() }, fc.constant(undefined));
  if (method === 'sendOffsets') return offsets();
  if (method === 'flush') return fc.oneof(fc.constant(undefined), anything());
  return fc.constant(undefined);
}

/** Generates the argument of `sendOffsets`, with an object that imitates a consumer. */
function offsets(): Arbitrary<Recipe> {
  const consumer = fc.constantFrom(
    owning('a consumer', [], () => ({ _getInternalClient: () => ({ getClient: () => ({}) }) })),
    owning('an unconnected consumer', [], () => ({ _getInternalClient: () => null })),
  );
  const valid = fc
    .tuple(fc.oneof({ weight: 4, arbitrary: consumer }, anything()), anything())
    .map(([given, odd]) =>
      owning(`{ consumer: ${given.text}, topics: … ${odd.text} }`, ['offsets'], owned => ({
        consumer: given.build(owned),
        topics: [{ topic: owned.topic('orders'), partitions: [{ partition: 0, offset: odd.build(owned) }] }],
      })),
    );
  return fc.oneof({ weight: 3, arbitrary: valid }, anything());
}

export function producerPrograms(): Arbitrary<Program<ConfluentCopy>> {
  return program('producer', [
    { weight: 8, method: 'send' },
    { weight: 4, method: 'sendBatch' },
    { weight: 1, method: 'flush' },
    { weight: 1, method: 'connect' },
    { weight: 1, method: 'disconnect' },
  ]);
}

export function transactionPrograms(): Arbitrary<Program<ConfluentCopy>> {
  return program('transaction', [
    { weight: 4, method: 'transaction' },
    { weight: 4, method: 'send' },
    { weight: 2, method: 'sendBatch' },
    { weight: 2, method: 'commit' },
    { weight: 2, method: 'abort' },
    { weight: 1, method: 'sendOffsets' },
    { weight: 1, method: 'isActive' },
    { weight: 1, method: 'disconnect' },
  ]);
}

function program(
  kind: string,
  methods: readonly { weight: number; method: Method }[],
): Arbitrary<Program<ConfluentCopy>> {
  const isTransactional = kind === 'transaction';
  return fc
    .record({
      setting: settings(),
      isConnected: fc.oneof({ weight: 12, arbitrary: fc.constant(true) }, fc.constant(false)),
      // Later errors: message too large, timeout, purged. Immediate error: the queue is full.
      produce: fc.array(reply([10, -192, -152], [-184]), { maxLength: 4 }),
      // Producer fenced, timeout.
      end: fc.array(reply([-144, -185]), { maxLength: 2 }),
      steps: fc.array(stepOf(methods, argumentOf, 12), { minLength: 1, maxLength: isTransactional ? 6 : 4 }),
    })
    .map(drawn => ({
      kind,
      setting: drawn.setting,
      classes: [
        ...drawn.setting.classes,
        ...drawn.steps.flatMap(({ argument }) => argument?.classes ?? []),
        ...(drawn.steps.some(({ wait }) => wait !== 'awaited') ? ['concurrent or forgotten'] : []),
      ],
      text: [
        drawn.setting.text,
        `producer: ${JSON.stringify({ ...drawn, setting: undefined, steps: undefined })}`,
        ...drawn.steps.map(
          ({ method, argument, manner, wait }) => `${wait} ${method}(${argument?.text ?? ''}) [${manner}]`,
        ),
      ].join('\n'),
      run: session => produceAll(session, { ...drawn, isTransactional }),
    }));
}

interface Drawn {
  readonly isTransactional: boolean;
  readonly isConnected: boolean;
  readonly produce: readonly Reply[];
  readonly end: readonly Reply[];
  readonly steps: readonly Step<Method>[];
}

async function produceAll(session: Session<ConfluentCopy>, drawn: Drawn): Promise<void> {
  const nothing = [[], []];
  capturedCluster(session, {
    topics: Object.fromEntries(['orders', 'payments'].map(role => [session.owned.topic(role), nothing])),
    replies: { produce: drawn.produce, commitTransaction: drawn.end, abortTransaction: drawn.end },
  });
  const producer = session.client(
    kafkaOf(session, ['captured:9092']).producer(
      drawn.isTransactional ? { kafkaJS: { transactionalId: 'program' } } : {},
    ),
  );
  const call = (name: string, ...args: unknown[]) =>
    session.call(name, () => (producer[name] as (...given: unknown[]) => unknown)(...args));
  if (drawn.isConnected) await call('connect');
  const concurrent: Promise<unknown>[] = [];
  for (const step of drawn.steps) {
    const { argument, method, wait } = step;
    if (wait !== 'concurrent') await Promise.all(concurrent.splice(0));
    const args = argument ? [argument.build(session.owned)] : [];
    const begun = session.call(method, () => callOf(session, producer, step, args), wait === 'forgotten');
    if (wait === 'concurrent') concurrent.push(begun);
    else await begun;
  }
  await Promise.all(concurrent);
  await session.call('disconnect', () => (producer['disconnect'] as () => unknown).call(producer));
}

function callOf(
  session: Session<ConfluentCopy>,
  producer: Methods,
  { method, manner }: Step<Method>,
  args: unknown[],
): unknown {
  const called = producer[method];
  if (typeof called !== 'function') return undefined;
  const receiver =
    manner === 'detached' ? undefined : manner === 'other receiver' ? { other: true } : producer;
  const result: unknown = Reflect.apply(
    called,
    receiver,
    manner === 'two arguments' ? [...args, 'more'] : args,
  );
  // All immediate effects of the call have happened by now.
  session.note(`${method} returned`);
  return result;
}
