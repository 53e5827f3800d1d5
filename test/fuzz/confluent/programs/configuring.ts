import fc, { type Arbitrary } from 'fast-check';
import { mostly, of, record } from '../../programs/administering';
import type { Methods } from '../../mutant';
import type { Program } from '../../run/observe';
import type { Session } from '../../run/session';
import { settings } from '../../run/setting';
import type { Recipe } from '../../values/owned';
import { recipe } from '../../values/owned';
import type { ConfluentCopy } from '../copy';
import { capturedCluster, loggerOf } from '../kafka';

const CLIENTS = ['producer', 'consumer', 'admin'] as const;

/** Generates options: valid, in a wrong place, unknown, or of a wrong type. */
function config(session: 'kafka' | (typeof CLIENTS)[number]): Arbitrary<Recipe> {
  const inner = record({
    clientId: of('program', 5),
    brokers: of(['captured:9092'], 'captured:9092'),
    groupId: of('group', '', 7),
    acks: of(0, 'x'),
    idempotent: of(true, 'x'),
    autoCommit: of(true, false),
    unknown: of(1),
    retry: of({ retries: 1 }, 5),
  });
  const options: Record<string, Arbitrary<Recipe>> = {
    kafkaJS: mostly(inner),
    'client.id': of('program', 5),
    'group.id': of('group', 5),
    'bootstrap.servers': of('captured:9092'),
    'enable.auto.commit': of(false, 'x'),
    ...(session === 'kafka' ? {} : { clientId: of('wrong place') }),
    logger: of(undefined),
  };
  return mostly(record(options));
}

interface Drawn {
  readonly common: Recipe;
  readonly own: Recipe;
  readonly client: (typeof CLIENTS)[number];
  readonly count: number;
}

/** Programs that configure clients, correctly or not, and connect them. */
export function configPrograms(): Arbitrary<Program<ConfluentCopy>> {
  const logging = recipe('{ kafkaJS: { logger } }', [], () => undefined);
  return fc
    .constantFrom(...CLIENTS)
    .chain(client =>
      fc.record({
        setting: settings(),
        common: fc.oneof({ weight: 2, arbitrary: fc.constant(logging) }, config('kafka')),
        own: config(client),
        client: fc.constant(client),
        count: fc.integer({ min: 0, max: 2 }),
      }),
    )
    .map(({ setting, ...drawn }) => ({
      kind: 'config',
      setting,
      classes: [...setting.classes, ...drawn.common.classes, ...drawn.own.classes],
      text: `${setting.text}\nnew Kafka(${drawn.common.text}).${drawn.client}(${drawn.own.text}), ${drawn.count} arguments`,
      run: session => withoutConsole(session, () => configure(session, drawn)),
    }));
}

async function configure(
  session: Session<ConfluentCopy>,
  { common, own, client, count }: Drawn,
): Promise<void> {
  capturedCluster(session, { topics: {} });
  const { Kafka } = session.copy.kafkajs;
  const given = common.build(session.owned) ?? { kafkaJS: { logger: loggerOf(session) } };
  // Do not compare the clients and their properties.
  let made: Methods | undefined;
  await session.call('factory', () => {
    const kafka = new Kafka(given);
    made = session.client(kafka[client](...[own.build(session.owned), 'more'].slice(0, count)));
  });
  const call = (name: string, ...args: unknown[]) =>
    session.call(name, () =>
      (made?.[name] as ((...args: unknown[]) => unknown) | undefined)?.call(made, ...args),
    );
  await call('connect');
  await call('connect again');
  await call(client === 'producer' ? 'send' : client === 'consumer' ? 'commitOffsets' : 'listTopics');
  await call('disconnect');
}

/** Without a logger of the program, the library logs to the console. */
async function withoutConsole(session: Session<ConfluentCopy>, run: () => Promise<void>): Promise<void> {
  const names = ['log', 'info', 'warn', 'error'] as const;
  const originals = Object.getOwnPropertyDescriptors(console);
  for (const name of names)
    console[name] = (...args: unknown[]) => {
      session.note(`console.${name}`, ...args);
    };
  try {
    await run();
  } finally {
    for (const name of names) Object.defineProperty(console, name, originals[name]);
  }
}
