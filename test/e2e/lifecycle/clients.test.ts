import { projectRoot } from '../../support/program';
import { run, type Ran } from '../loading/support/run';
import { createTopics, readBack, type Topic } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';

/** The ways in which a program uses its clients. */
const SCENARIOS = [
  'frozen',
  'sealed',
  'proxied',
  'of-a-proxied-kafka',
  'of-a-frozen-kafka',
  'delegated',
  'inherited',
  'copied',
  'destructured',
  'replaced',
  'spied',
  'removed-first',
  'removed-last',
  'after-them',
] as const;

let topics: Record<(typeof SCENARIOS)[number], Topic>;
let bare: Ran;
let instrumented: Ran;

beforeAll(async () => {
  topics = await createTopics(SCENARIOS);
  const others = await createTopics(SCENARIOS);
  const start = (of: typeof topics, env = {}) => {
    const names = Object.fromEntries(Object.entries(of).map(([key, { name }]) => [key, name]));
    return run({
      file: `${projectRoot}/fixtures/lifecycle/clients.cjs`,
      env: { ...env, TOPICS: JSON.stringify(names) },
    });
  };
  bare = await start(others, { BARE: '1' });
  instrumented = await start(topics);
});

test('the program has the same results as without instrumentation', () => {
  expect(instrumented.results).toEqual(bare.results);
  expect(bare.results).toHaveLength(SCENARIOS.length);
  expect(instrumented.stderr).toBe('');
});

test.each(SCENARIOS)('clients %s have one span on each side', name => {
  const topic = topics[name];
  const spans = instrumented.spans.filter(
    ({ attributes }) => attributes['messaging.destination.name'] === topic.name,
  );
  expect(spans).toEqual([sent(topic), processed(topic)]);
});

test('each call that kafkajs rejects has one more span', () => {
  const refused = instrumented.spans.filter(({ status }) => status.code === 'ERROR');
  expect(refused.map(({ name, kind }) => `${name} ${kind}`)).toEqual(SCENARIOS.map(() => 'send PRODUCER'));
  expect(instrumented.spans).toHaveLength(3 * SCENARIOS.length);
});

describe('with two copies of this package and clients created before the SDK', () => {
  let topic: Topic;
  let bareRun: Ran;
  let ran: Ran;
  const file = `${projectRoot}/fixtures/lifecycle/providers.cjs`;

  beforeAll(async () => {
    const { providers, other } = await createTopics(['providers', 'other']);
    topic = providers;
    bareRun = await run({ file, env: { BARE: '1', TOPIC: other.name } });
    ran = await run({ file, env: { TOPIC: topic.name } });
  });

  test('the program has the same results as without instrumentation', () => {
    expect(ran.results).toEqual(bareRun.results);
    expect(ran.stderr).toBe('');
  });

  test('there is one span per call while the SDK is registered and the instrumentation enabled, and none otherwise', () => {
    const traced = [1, 3, 5];
    expect(ran.spans.filter(({ kind }) => kind === 'PRODUCER')).toEqual(
      traced.map(offset => sent(topic, offset)),
    );
    expect(ran.spans.filter(({ kind }) => kind !== 'PRODUCER')).toEqual(
      traced.map(offset => processed(topic, offset)),
    );
  });

  test('headers are written only while there are spans', async () => {
    const stored = await readBack(topic, 6);
    expect(stored.map(({ headers }) => Object.keys(headers).length)).toEqual([0, 1, 0, 1, 0, 1]);
  });
});
