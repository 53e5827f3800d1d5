import fc, { type Arbitrary } from 'fast-check';
import type { Producer, Transaction } from 'kafkajs';
import type { Copy } from '../captured/copy';
import { fields, listOf, literal, messages, mostly, named, shaped, type Range } from '../programs/records';
import type { Program } from '../run/observe';
import type { Session } from '../run/session';
import { settings } from '../run/setting';
import { primitives } from '../values/anything';
import { objectOf } from '../values/objects';
import type { Recipe } from '../values/owned';

/** Placeholder for the topic name. The bare and the instrumented run of a program use different topics. */
export const TOPIC = 'records';

interface Step {
  readonly method: 'send' | 'sendBatch';
  readonly argument: Recipe;
}

type Delivery = 'plain' | 'idempotent' | 'committed' | 'aborted';

interface Drawn {
  readonly delivery: Delivery;
  readonly steps: readonly Step[];
}

/**
 * Only primitive values. For a typed array, kafkajs writes a malformed request. If the broker accepts such a record,
 * the record crashes every consumer of the topic.
 */
const SENDABLE: Range = { partitions: [0], odd: primitives() };

const topic = fc.constant(named(TOPIC));

function settingsOf(delivery: Delivery): Readonly<Record<string, Arbitrary<Recipe>>> {
  // Do not use `acks: 0`, because nothing would show when the records are written.
  const acks = delivery === 'plain' ? fc.constantFrom(-1, 1) : fc.constant(-1);
  return { acks: acks.map(literal), compression: fc.constantFrom(0, 1).map(literal), later: primitives() };
}

function request(delivery: Delivery): Arbitrary<Recipe> {
  const known = fields({ topic, messages: messages(SENDABLE), ...settingsOf(delivery) }, [
    'topic',
    'messages',
  ]);
  return fc.tuple(shaped(10), known).map(([shape, found]) => objectOf(shape, found));
}

function batch(delivery: Delivery): Arbitrary<Recipe> {
  const entry = fc
    .tuple(shaped(10), fields({ topic, messages: messages(SENDABLE) }, ['topic', 'messages']))
    .map(([shape, found]) => objectOf(shape, found));
  const topicMessages = mostly(fc.array(entry, { minLength: 1, maxLength: 3 }).map(listOf), 40, primitives());
  const known = fields({ topicMessages, ...settingsOf(delivery) }, ['topicMessages']);
  return fc.tuple(shaped(10), known).map(([shape, found]) => objectOf(shape, found));
}

function step(delivery: Delivery): Arbitrary<Step> {
  return fc.oneof(
    fc.record({ method: fc.constant('send' as const), argument: request(delivery) }),
    fc.record({ method: fc.constant('sendBatch' as const), argument: batch(delivery) }),
  );
}

/** Programs that send to a real Kafka. The test then compares the records. */
export function brokerPrograms(brokers: readonly string[]): Arbitrary<Program<Copy>> {
  return fc
    .constantFrom<Delivery>('plain', 'plain', 'idempotent', 'committed', 'committed', 'aborted')
    .chain(delivery =>
      fc.record({
        delivery: fc.constant(delivery),
        setting: settings(),
        steps: fc.array(step(delivery), { minLength: 1, maxLength: 3 }),
      }),
    )
    .map(({ setting, ...drawn }) => ({
      kind: `broker, ${drawn.delivery}`,
      setting,
      classes: [...setting.classes, ...drawn.steps.flatMap(({ argument }) => argument.classes)],
      text: [
        setting.text,
        `producer: ${drawn.delivery}`,
        ...drawn.steps.map(({ method, argument }) => `${method}(${argument.text})`),
      ].join('\n'),
      run: session => send(session, brokers, drawn),
    }));
}

async function send(
  session: Session<Copy>,
  brokers: readonly string[],
  { delivery, steps }: Drawn,
): Promise<void> {
  const { Kafka, logLevel } = session.copy.kafkajs;
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: 'program',
    logLevel: logLevel.NOTHING,
    // A transaction must wait until the previous transaction has ended. This takes up to ten retries.
    retry: { initialRetryTime: 5, maxRetryTime: 20, retries: 10 },
  });
  const isTransactional = delivery === 'committed' || delivery === 'aborted';
  const producer = session.client(
    kafka.producer({
      idempotent: delivery !== 'plain',
      // If `abort` fails, the transaction stays open until this timeout and hides all later records. The default is one
      // minute.
      ...(isTransactional
        ? { transactionalId: session.owned.topic('transaction'), transactionTimeout: 10_000 }
        : {}),
    }),
  );
  await session.call('connect', () => producer.connect());
  if (isTransactional) await transact(session, producer, { delivery, steps });
  else await sendAll(session, producer, steps);
  await session.call('disconnect', () => producer.disconnect());
}

async function transact(
  session: Session<Copy>,
  producer: Producer,
  { delivery, steps }: Drawn,
): Promise<void> {
  const begun = (await session.call('transaction', () => producer.transaction())) as Transaction | undefined;
  if (!begun) return;
  await sendAll(session, begun, steps);
  if (delivery === 'committed') await session.call('commit', () => begun.commit());
  // Always end the transaction, because an open transaction hides all later records.
  if (begun.isActive()) await session.call('abort', () => begun.abort());
}

async function sendAll(
  session: Session<Copy>,
  to: Pick<Producer, 'send' | 'sendBatch'>,
  steps: readonly Step[],
): Promise<void> {
  for (const { method, argument } of steps) {
    const given = argument.build(session.owned);
    await session.call(method, () => to[method](given as never));
  }
}
