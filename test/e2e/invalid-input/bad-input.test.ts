import { projectRoot } from '../../support/program';
import { run, type Ran } from '../loading/support/run';
import { createTopics, type Topic } from '../loading/support/topics';
import { rejected } from '../loading/support/whole';

interface Outcome {
  readonly call: string;
  readonly resolved?: unknown;
  readonly rejected?: { readonly message?: string; readonly class?: string };
  readonly unhandled?: readonly unknown[];
}

let topic: Topic;
let bare: readonly Outcome[];
let instrumented: readonly Outcome[];
let ran: Ran;

beforeAll(async () => {
  const topics = await createTopics(['bare', 'instrumented']);
  topic = topics.instrumented;
  const file = `${projectRoot}/fixtures/invalid-input/bad-input.cjs`;
  const execArgv = ['--require', `${projectRoot}/fixtures/loading/tracing.cjs`];
  bare = (await run({ file, env: { TOPIC: topics.bare.name } })).results as Outcome[];
  ran = await run({ file, execArgv, env: { TOPIC: topic.name } });
  instrumented = ran.results as Outcome[];
});

test('invalid arguments cause the same rejections as without instrumentation, never a synchronous throw', () => {
  expect(instrumented).toEqual(bare);
  expect(bare.filter(({ rejected }) => rejected).length).toBeGreaterThan(30);
});

test('a failed call without await causes one unhandled rejection', () => {
  expect(instrumented.find(({ call }) => call === 'nobody awaits')?.unhandled).toHaveLength(3);
});

test('every send has one span with its error; a call without topics has none', () => {
  const isTraced = ({ call }: Outcome) =>
    /^(send|transaction)/.test(call) && !/^sendBatch (no topics|an empty object)$/.test(call);
  const expected = instrumented
    .filter(isTraced)
    .map(({ rejected }) => (rejected ? `ERROR ${rejected.message ?? ''}` : 'UNSET '));
  expect(
    ran.spans.map(({ status }) => `${status.code} ${status.message.replaceAll(topic.name, 'TOPIC')}`),
  ).toEqual([...expected, ...unawaited()]);
});

const unawaited = () => {
  const find = (wanted: string) => instrumented.find(({ call }) => call === wanted)?.rejected?.message ?? '';
  return [`ERROR ${find('send no argument')}`, `ERROR ${find('sendBatch null')}`];
};

test('the span of a rejected send is complete', () => {
  const message =
    instrumented.find(({ call }) => call === 'send a header that is null')?.rejected?.message ?? '';
  const failed = ran.spans.filter(({ status }) => status.message === message);
  expect(failed[0]).toEqual(rejected(topic, { type: 'ERR_INVALID_ARG_TYPE', class: 'TypeError', message }));
});
