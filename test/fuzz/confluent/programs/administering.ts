import fc, { type Arbitrary } from 'fast-check';
import { listed, mostly, of, record } from '../../programs/administering';
import { named } from '../../programs/records';
import type { Program } from '../../run/observe';
import type { Session } from '../../run/session';
import { settings } from '../../run/setting';
import { anything } from '../../values/anything';
import type { Recipe } from '../../values/owned';
import type { Reply } from '../addon';
import type { ConfluentCopy } from '../copy';
import { capturedCluster, kafkaOf } from '../kafka';
import { reply } from './producing';

interface Call {
  readonly method: string;
  readonly args: readonly Recipe[];
}

const topic = fc.constantFrom('orders', 'payments').map(named);
const group = of('group', '', 5);
const partitions = listed(record({ partition: of(0, 1, 'x'), offset: of('0', '5', '-1', 'x') }));
const options = record({ timeout: of(100, 'x') });

const ARGUMENTS: Readonly<Record<string, readonly Arbitrary<Recipe>[]>> = {
  listTopics: [options],
  createTopics: [
    record({
      topics: mostly(
        listed(
          record({
            topic: mostly(topic),
            numPartitions: of(1, 'x'),
            configEntries: mostly(listed(anything())),
          }),
        ),
      ),
      timeout: of(100),
      waitForLeaders: of(false),
    }),
  ],
  deleteTopics: [record({ topics: mostly(listed(mostly(topic))), timeout: of(100, 'x') })],
  fetchTopicMetadata: [record({ topics: mostly(listed(mostly(topic))) })],
  fetchOffsets: [record({ groupId: group, topics: mostly(listed(mostly(topic))) })],
  fetchTopicOffsets: [mostly(topic), options],
  fetchTopicOffsetsByTimestamp: [mostly(topic), of(0, 1700000000000, 'x'), options],
  listGroups: [options],
  describeGroups: [mostly(listed(group)), options],
  deleteGroups: [mostly(listed(group)), options],
  deleteTopicRecords: [record({ topic: mostly(topic), partitions: mostly(partitions) })],
};

/** Methods of the binding that an operation may call. */
const BINDING = [
  'createTopic',
  'deleteTopic',
  'listGroups',
  'describeGroups',
  'deleteGroups',
  'getMetadata',
  'listConsumerGroupOffsets',
  'deleteRecords',
  'describeTopics',
  'listOffsets',
];

/** Programs that use the admin client. */
export function adminPrograms(): Arbitrary<Program<ConfluentCopy>> {
  const call = fc
    .constantFrom(...Object.entries(ARGUMENTS))
    .chain(([method, args]) =>
      fc
        .tuple(fc.tuple(...args.map(each => mostly(each))), fc.integer({ min: 0, max: 3 }))
        .map(([made, count]): Call => ({ method, args: count === 0 ? made.slice(0, 1) : made })),
    );
  return fc
    .record({
      setting: settings(),
      calls: fc.array(call, { minLength: 1, maxLength: 3 }),
      // Topic already exists, authorization failed, timeout.
      replies: fc.array(reply([36, 29, -185]), { maxLength: 3 }),
      owner: fc.constantFrom('kafka', 'producer', 'unconnected producer'),
    })
    .map(({ setting, calls, replies, owner }) => ({
      kind: 'admin',
      setting,
      classes: [...setting.classes, ...calls.flatMap(({ args }) => args.flatMap(({ classes }) => classes))],
      text: [
        setting.text,
        `of ${owner}, ${JSON.stringify(replies)}`,
        ...calls.map(({ method, args }) => `${method}(${args.map(({ text }) => text).join(', ')})`),
      ].join('\n'),
      run: session => administer(session, { calls, replies, owner }),
    }));
}

interface Drawn {
  readonly calls: readonly Call[];
  readonly replies: readonly Reply[];
  readonly owner: string;
}

async function administer(session: Session<ConfluentCopy>, { calls, replies, owner }: Drawn): Promise<void> {
  capturedCluster(session, {
    topics: Object.fromEntries(['orders', 'payments'].map(role => [session.owned.topic(role), [[], []]])),
    replies: Object.fromEntries(BINDING.slice(0, 5).map(method => [method, replies])),
  });
  const kafka = kafkaOf(session, ['captured:9092']);
  const producer = session.client(kafka.producer());
  const call = (client: Record<string, unknown>, name: string, ...args: unknown[]) =>
    session.call(name, () =>
      (client[name] as ((...given: unknown[]) => unknown) | undefined)?.call(client, ...args),
    );
  if (owner === 'producer') await call(producer, 'connect');
  const admin = session.client(
    owner === 'kafka' ? kafka.admin() : (producer['dependentAdmin'] as () => Record<string, unknown>)(),
  );
  await call(admin, 'connect');
  for (const { method, args } of calls)
    await call(admin, method, ...args.map(each => each.build(session.owned)));
  await call(admin, 'disconnect');
  await call(producer, 'disconnect');
}
