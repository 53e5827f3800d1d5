import fc, { type Arbitrary } from 'fast-check';
import type { Reply } from '../captured/cluster';
import type { Copy } from '../captured/copy';
import { capturedKafka } from '../captured/kafka';
import type { Program } from '../run/observe';
import type { Session } from '../run/session';
import { settings } from '../run/setting';
import { anything } from '../values/anything';
import { SHAPES, objectOf, type Fields } from '../values/objects';
import { owning, recipe, type Recipe } from '../values/owned';

interface Call {
  readonly method: string;
  readonly argument: Recipe;
}

export const of = (...values: unknown[]): Arbitrary<Recipe> =>
  fc.constantFrom(...values).map(value => recipe(JSON.stringify(value), [], () => value));
const topic = fc
  .constantFrom('orders', 'payments')
  .map(role => recipe(`'${role}'`, [], owned => owned.topic(role)));
export const listed = (part: Arbitrary<Recipe>): Arbitrary<Recipe> =>
  fc
    .array(part, { maxLength: 2 })
    .map(parts =>
      owning(`[${parts.map(({ text }) => text).join()}]`, [], owned => parts.map(each => each.build(owned))),
    );
export const mostly = (valid: Arbitrary<Recipe>) => fc.oneof({ weight: 8, arbitrary: valid }, anything());

export function record(fields: Readonly<Record<string, Arbitrary<Recipe>>>): Arbitrary<Recipe> {
  const drawn = fc.record({ ...fields }, { requiredKeys: [] }).map(found => Object.entries(found) as Fields);
  const shape = fc.oneof({ weight: 3, arbitrary: fc.constant('plain' as const) }, fc.constantFrom(...SHAPES));
  return fc.tuple(shape, drawn).map(([made, found]) => objectOf(made, found));
}

const partitions = listed(record({ partition: of(0, 1, 'x'), offset: of('0', '5', '-1') }));
const group = of('group', '', 5);

/** The operations of the admin client that need no other client, with their arguments. */
const ARGUMENTS: Readonly<Record<string, Arbitrary<Recipe>>> = {
  listTopics: anything(),
  createTopics: record({
    topics: mostly(listed(record({ topic: mostly(topic), numPartitions: of(1, 'x') }))),
    waitForLeaders: of(false),
  }),
  deleteTopics: record({ topics: mostly(listed(mostly(topic))), timeout: of(100, 'x') }),
  createPartitions: record({
    topicPartitions: mostly(listed(record({ topic: mostly(topic), count: of(2, 'x') }))),
  }),
  fetchTopicMetadata: record({ topics: mostly(listed(mostly(topic))) }),
  describeCluster: anything(),
  fetchOffsets: record({ groupId: group, topics: mostly(listed(mostly(topic))) }),
  fetchTopicOffsets: mostly(topic),
  fetchTopicOffsetsByTimestamp: mostly(topic),
  describeConfigs: record({ resources: mostly(listed(record({ type: of(2, 4, 99), name: mostly(topic) }))) }),
  alterConfigs: record({
    resources: mostly(
      listed(record({ type: of(2, 99), name: mostly(topic), configEntries: mostly(listed(anything())) })),
    ),
  }),
  listGroups: anything(),
  describeGroups: mostly(listed(group)),
  deleteGroups: mostly(listed(group)),
  describeAcls: record({
    resourceType: of(2, 99),
    resourceName: mostly(topic),
    resourcePatternType: of(3),
    operation: of(2),
    permissionType: of(3),
  }),
  createAcls: record({ acl: mostly(listed(anything())) }),
  deleteAcls: record({ filters: mostly(listed(anything())) }),
  deleteTopicRecords: record({ topic: mostly(topic), partitions: mostly(partitions) }),
  alterPartitionReassignments: record({
    topics: mostly(listed(record({ topic: mostly(topic), partitionAssignment: mostly(listed(anything())) }))),
  }),
  listPartitionReassignments: record({ topics: mostly(listed(anything())) }),
};

/** Programs that use the admin client. */
export function adminPrograms(): Arbitrary<Program<Copy>> {
  const call = fc
    .constantFrom(...Object.entries(ARGUMENTS))
    .chain(([method, argument]) => mostly(argument).map((made): Call => ({ method, argument: made })));
  const reply = fc.oneof<Arbitrary<Reply>[]>(
    { weight: 6, arbitrary: fc.constant<Reply>('answer') } as never,
    // TOPIC_ALREADY_EXISTS, TOPIC_AUTHORIZATION_FAILED, NOT_CONTROLLER
    fc.constantFrom(36, 29, 41).map(code => ({ code })),
  );
  return fc
    .record({
      setting: settings(),
      calls: fc.array(call, { minLength: 1, maxLength: 3 }),
      replies: fc.array(reply, { maxLength: 3 }),
    })
    .map(({ setting, calls, replies }) => ({
      kind: 'admin',
      setting,
      classes: [...setting.classes, ...calls.flatMap(({ argument }) => argument.classes)],
      text: [
        setting.text,
        JSON.stringify(replies),
        ...calls.map(({ method, argument }) => `${method}(${argument.text})`),
      ].join('\n'),
      run: session => administer(session, calls, replies),
    }));
}

async function administer(
  session: Session<Copy>,
  calls: readonly Call[],
  replies: readonly Reply[],
): Promise<void> {
  const kafka = capturedKafka(session, {
    topics: ['orders', 'payments'].map(role => ({ topic: session.owned.topic(role), partitions: [[], []] })),
    replies: Object.fromEntries(
      ['CreateTopics', 'DeleteTopics', 'DescribeConfigs', 'OffsetFetch', 'DeleteGroups'].map(api => [
        api,
        replies,
      ]),
    ),
  });
  const admin = session.client(kafka.admin());
  await session.call('connect', () => admin.connect());
  // Load the metadata first, because most operations need it.
  await session.call('fetchTopicMetadata', () => admin.fetchTopicMetadata());
  for (const { method, argument } of calls) {
    const made = argument.build(session.owned);
    await session.call(method, () =>
      (admin as unknown as Record<string, (of: unknown) => unknown>)[method]?.(made),
    );
  }
  await session.call('disconnect', () => admin.disconnect());
}
