import { projectRoot } from '../../support/program';
import { run } from '../loading/support/run';
import { createTopics, readBack } from '../loading/support/topics';
import { orphan, sent } from '../loading/support/whole';

const file = (name: string) => `${projectRoot}/fixtures/${name}`;
const own = { own: 'header' };

test('without an SDK, kafkajs gets the identical objects, and the broker the identical bytes', async () => {
  const { first, second } = await createTopics(['first', 'second']);
  const ran = await run({
    file: file('invalid-input/identity.cjs'),
    env: { MODE: 'no-sdk', TOPICS: [first.name, second.name].join() },
  });
  expect(ran.results).toEqual(Array(2).fill({ same: true, unchanged: true, active: [true] }));
  expect(ran.spans).toEqual([]);
  expect(ran.stderr).toBe('');
  await expect(readBack(first, 1)).resolves.toEqual([{ value: 'v', headers: own }]);
});

test('with suppressed tracing there are no spans and headers, and tracing works again afterwards', async () => {
  const { first, second } = await createTopics(['first', 'second']);
  const ran = await run({
    file: file('invalid-input/identity.cjs'),
    env: { MODE: 'suppressed', TOPICS: [first.name, second.name].join() },
  });
  expect(ran.results).toEqual([
    { same: true, unchanged: true, active: [true] },
    { same: false, unchanged: true, active: [false] },
  ]);
  expect(ran.spans).toEqual([sent(second), orphan(second)]);
  await expect(readBack(first, 1)).resolves.toEqual([{ value: 'v', headers: own }]);
  await expect(readBack(second, 1)).resolves.toEqual([
    { value: 'v', headers: { ...own, always: 'written' } },
  ]);
});

test.each([
  ['OTEL_INSTRUMENTATION_KAFKA_ENABLED', 'false'],
  ['OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'http,kafkajs'],
])('%s=%s disables the instrumentation, even if the code enables it', async (name, value) => {
  const { off } = await createTopics(['off']);
  const ran = await run({
    file: file('invalid-input/switched-off.cjs'),
    env: { [name]: value, TOPIC: off.name },
  });
  expect(ran.results).toEqual([{ patched: [false, false] }, ['hello']]);
  expect(ran.spans).toEqual([]);
  expect(ran.stderr).toBe('');
  await expect(readBack(off, 1)).resolves.toEqual([{ value: 'hello', headers: {} }]);
});
