import { runToEnd } from '../../support/run-to-end';
import { testKafka } from '../../support/topics';
import { createTopics, readBack, type Topic } from '../loading/support/topics';

const RECORDED = 'a'.repeat(32);
const UNRECORDED = 'b'.repeat(32);

/** Two untrusted messages, one with a sampled and one with an unsampled traceparent. Each has baggage. */
const MESSAGES = [
  [RECORDED, '01'],
  [UNRECORDED, '00'],
].map(([trace = '', flags = '']) => ({
  value: 'v',
  headers: { traceparent: `00-${trace}-${'c'.repeat(16)}-${flags}`, baggage: 'role=admin' },
}));

type Topics = Record<'inside' | 'outside' | 'shared' | 'closed', Topic>;

/** Runs the program under a sampler, with propagation rules for the untrusted topics. */
async function run(sampler: string) {
  const topics: Topics = await createTopics(['inside', 'outside', 'shared', 'closed']);
  const producer = testKafka().producer();
  await producer.connect();
  for (const { name } of [topics.inside, topics.outside])
    await producer.send({ topic: name, messages: MESSAGES });
  await producer.disconnect();
  const { reported, spans } = await runToEnd({
    file: 'fixtures/untrusted-data/trust.cjs',
    execArgv: ['--require', './fixtures/tracing.cjs'],
    topics: Object.fromEntries(Object.entries(topics).map(([role, { name }]) => [role, name])),
    env: {
      OTEL_TRACES_SAMPLER: sampler,
      OTEL_INSTRUMENTATION_KAFKA_PROPAGATION: 'true,outside-*=inject,closed-*=extract',
    },
  });
  const ofTopic = ({ name }: Topic) => spans.filter(span => span.name === `process ${name}`);
  return { topics, reported, recorded: { inside: ofTopic(topics.inside), outside: ofTopic(topics.outside) } };
}

const another = expect.not.stringMatching(/^(a+|b+)$/) as unknown;

test('a sampled traceparent forces recording and baggage; the rule `inject` prevents both', async () => {
  const { reported, recorded, topics } = await run('parentbased_always_off');
  expect(reported['inside']).toEqual([
    { traceId: RECORDED, sampled: true, baggage: ['role'] },
    { traceId: UNRECORDED, sampled: false, baggage: ['role'] },
  ]);
  expect(recorded.inside.map(({ traceId }) => traceId)).toEqual([RECORDED]);
  expect(reported['outside']).toEqual([
    { traceId: another, sampled: false, baggage: [] },
    { traceId: another, sampled: false, baggage: [] },
  ]);
  expect(recorded.outside).toEqual([]);
  const [shared] = await readBack(topics.shared, 1);
  expect(shared?.headers).toMatchObject({ baggage: 'tenant=acme' });
  const [closed] = await readBack(topics.closed, 1);
  expect(closed?.headers).toEqual({});
});

test('an unsampled traceparent prevents recording; the rule `inject` prevents that', async () => {
  const { recorded } = await run('parentbased_always_on');
  expect(recorded.inside.map(({ traceId }) => traceId)).toEqual([RECORDED]);
  expect(recorded.outside.map(({ traceId, links }) => [traceId, links])).toEqual([
    [another, []],
    [another, []],
  ]);
});
