import fc, { type Arbitrary } from 'fast-check';
import { TOPIC } from '../broker/programs';
import type { Methods } from '../mutant';
import { named } from '../programs/records';
import type { Program } from '../run/observe';
import type { Session } from '../run/session';
import { settings } from '../run/setting';
import { primitives } from '../values/anything';
import type { Recipe } from '../values/owned';
import type { ConfluentCopy } from './copy';
import { kafkaOf } from './kafka';
import { batch, request, type Requests } from './programs/requests';

interface Step {
  readonly method: 'send' | 'sendBatch';
  readonly argument: Recipe;
}

type Delivery = 'plain' | 'idempotent' | 'committed' | 'aborted';

/** No symbols as keys, because the real binding would end the process. */
const SENDABLE: Requests = {
  topics: fc.constant(named(TOPIC)),
  range: {
    partitions: [0, 0, 0, 7],
    odd: primitives().filter(({ classes }) => !classes.includes('symbol')),
  },
};

function step(): Arbitrary<Step> {
  return fc.oneof(
    request(SENDABLE).map(argument => ({ method: 'send' as const, argument })),
    batch(SENDABLE).map(argument => ({ method: 'sendBatch' as const, argument })),
  );
}

/** Programs that send to a real Kafka. The test then compares the records. */
export function brokerPrograms(brokers: readonly string[]): Arbitrary<Program<ConfluentCopy>> {
  return fc
    .record({
      delivery: fc.constantFrom<Delivery>('plain', 'plain', 'plain', 'idempotent', 'committed', 'aborted'),
      setting: settings(),
      steps: fc.array(step(), { minLength: 1, maxLength: 4 }),
    })
    .map(({ setting, delivery, steps }) => ({
      kind: `broker, ${delivery}`,
      setting,
      classes: [...setting.classes, ...steps.flatMap(({ argument }) => argument.classes)],
      text: [
        setting.text,
        `producer: ${delivery}`,
        ...steps.map(({ method, argument }) => `${method}(${argument.text})`),
      ].join('\n'),
      run: session => send(session, brokers, { delivery, steps }),
    }));
}

async function send(
  session: Session<ConfluentCopy>,
  brokers: readonly string[],
  { delivery, steps }: { readonly delivery: Delivery; readonly steps: readonly Step[] },
): Promise<void> {
  const isTransactional = delivery === 'committed' || delivery === 'aborted';
  const producer: Methods = session.client(
    kafkaOf(session, brokers).producer({
      kafkaJS: {
        idempotent: delivery !== 'plain',
        // If `abort` fails, the transaction stays open until this timeout and hides all later records. The default is
        // one minute.
        ...(isTransactional
          ? { transactionalId: session.owned.topic('transaction'), transactionTimeout: 10_000 }
          : {}),
      },
      // Without a delay, the messages of a call keep their order on the topic.
      'linger.ms': 0,
    }),
  );
  const call = (name: string, ...args: unknown[]) =>
    session.call(name, () => (producer[name] as (...given: unknown[]) => unknown)(...args));
  await call('connect');
  if (isTransactional) await call('transaction');
  for (const { method, argument } of steps) await call(method, argument.build(session.owned));
  if (delivery === 'committed') await call('commit');
  // Always end the transaction, because an open transaction hides all later records.
  if (isTransactional && (producer['isActive'] as () => boolean)()) await call('abort');
  await call('disconnect');
}
