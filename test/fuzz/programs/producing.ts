import fc, { type Arbitrary } from 'fast-check';
import type { Producer, Transaction } from 'kafkajs';
import type { Copy } from '../captured/copy';
import { capturedKafka } from '../captured/kafka';
import type { Reply } from '../captured/cluster';
import type { Program } from '../run/observe';
import type { Session } from '../run/session';
import { settings } from '../run/setting';
import { anything } from '../values/anything';
import type { Recipe } from '../values/owned';
import { batch, request } from './records';
import { stepOf, type Step } from './shared';

/**
 * Partitioners that replace the default of kafkajs. `counting` is deterministic, `elsewhere` returns a partition that
 * does not exist, and the third one throws.
 */
type Partitioner = 'counting' | 'elsewhere' | { readonly throws: Recipe };

type Method = 'send' | 'sendBatch' | 'begin' | 'commit' | 'abort' | 'sendOffsets' | 'isActive' | 'disconnect';

const REPLIES: Arbitrary<Reply> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Reply>('answer') },
  // MESSAGE_TOO_LARGE, INVALID_RECORD, NOT_LEADER_FOR_PARTITION, UNKNOWN, UNSUPPORTED_FOR_MESSAGE_FORMAT
  { weight: 2, arbitrary: fc.constantFrom(10, 87, 6, -1, 43).map(code => ({ code })) },
  { weight: 1, arbitrary: fc.constant<Reply>({ connection: 'connection refused' }) },
);

function argumentOf(method: Method): Arbitrary<Recipe | undefined> {
  if (method === 'send') return fc.oneof({ weight: 40, arbitrary: request() }, fc.constant(undefined));
  if (method === 'sendBatch') return fc.oneof({ weight: 40, arbitrary: batch() }, fc.constant(undefined));
  if (method === 'sendOffsets') return anything();
  return fc.constant(undefined);
}

export function producerPrograms(): Arbitrary<Program<Copy>> {
  return program('producer', [
    { weight: 6, method: 'send' },
    { weight: 3, method: 'sendBatch' },
    { weight: 1, method: 'disconnect' },
  ]);
}

export function transactionPrograms(): Arbitrary<Program<Copy>> {
  return program('transaction', [
    { weight: 4, method: 'begin' },
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
): Arbitrary<Program<Copy>> {
  return fc
    .record({
      setting: settings(),
      isIdempotent: fc.boolean(),
      isConnected: fc.oneof({ weight: 12, arbitrary: fc.constant(true) }, fc.constant(false)),
      partitioner: fc.oneof<Arbitrary<Partitioner>[]>(
        { weight: 12, arbitrary: fc.constant('counting') } as never,
        fc.constant('elsewhere'),
        anything().map(throws => ({ throws })),
      ),
      produce: fc.array(REPLIES, { maxLength: 4 }),
      end: fc.array(REPLIES, { maxLength: 2 }),
      steps: fc.array(stepOf(methods, argumentOf, 8), {
        minLength: 1,
        maxLength: kind === 'producer' ? 3 : 6,
      }),
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
      run: session => produceAll(session, { ...drawn, isTransactional: kind === 'transaction' }),
    }));
}

interface Drawn {
  readonly isTransactional: boolean;
  readonly isIdempotent: boolean;
  readonly isConnected: boolean;
  readonly partitioner: Partitioner;
  readonly produce: readonly Reply[];
  readonly end: readonly Reply[];
  readonly steps: readonly Step<Method>[];
}

async function produceAll(session: Session<Copy>, drawn: Drawn): Promise<void> {
  const nothing = [[], []];
  const kafka = capturedKafka(session, {
    topics: ['orders', 'payments'].map(role => ({ topic: session.owned.topic(role), partitions: nothing })),
    replies: { Produce: drawn.produce, EndTxn: drawn.end },
  });
  const producer = session.client(
    kafka.producer({
      idempotent: drawn.isIdempotent,
      ...(drawn.isTransactional ? { transactionalId: 'program' } : {}),
      createPartitioner: () => partitionerOf(session, drawn.partitioner),
    }),
  );
  if (drawn.isConnected) await session.call('connect', () => producer.connect());
  let transaction: Transaction | undefined;
  const concurrent: Promise<unknown>[] = [];
  for (const step of drawn.steps) {
    const { argument, method } = step;
    // Wait until the call has settled. If the next step ran at the same time as retries, the results would vary.
    if (step.wait !== 'concurrent') await Promise.all(concurrent.splice(0));
    const args = argument ? [argument.build(session.owned)] : [];
    const begun = session.call(
      method,
      () => callOf(producer, transaction, step, args),
      step.wait === 'forgotten',
    );
    if (step.wait === 'concurrent') concurrent.push(begun);
    else {
      const result = await begun;
      if (method === 'begin') transaction = (result as Transaction | undefined) ?? transaction;
    }
  }
  await Promise.all(concurrent);
  await session.call('disconnect', () => producer.disconnect());
}

function callOf(
  producer: Producer,
  transaction: Transaction | undefined,
  { method, manner }: Step<Method>,
  args: unknown[],
): unknown {
  const owner = method === 'disconnect' || method === 'begin' ? producer : (transaction ?? producer);
  const name = method === 'begin' ? 'transaction' : method;
  const called = (owner as unknown as Record<string, unknown>)[name];
  if (typeof called !== 'function') return undefined;
  const receiver = manner === 'detached' ? undefined : manner === 'other receiver' ? { other: true } : owner;
  return Reflect.apply(called, receiver, manner === 'two arguments' ? [...args, 'more'] : args);
}

function partitionerOf(session: Session<Copy>, partitioner: Partitioner) {
  let count = 0;
  return ({ topic, message }: { topic: string; message: object }): number => {
    const { partition, key, value } = message as Record<string, unknown>;
    session.note(
      'partitioner',
      topic,
      partition,
      key,
      value,
      Object.keys(message).filter(name => name !== 'headers'),
    );
    if (partitioner === 'elsewhere') return 9;
    if (partitioner !== 'counting') throw partitioner.throws.build(session.owned);
    return (partition as number | undefined) ?? count++ % 2;
  };
}
