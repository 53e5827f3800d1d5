import { projectRoot } from '../../support/program';
import { run, type Ran } from '../loading/support/run';
import { createTopics, readBack, type Topic } from '../loading/support/topics';
import { rejected, sent } from '../loading/support/whole';

const file = `${projectRoot}/fixtures/invalid-input/oversize.cjs`;
let small: Topic, other: Topic, own: Topic;
let ran: Ran;
let bare: Ran;

beforeAll(async () => {
  const limit = [{ name: 'max.message.bytes', value: '1000' }];
  const limited = await createTopics(['small', 'own', 'bare', 'bareOwn'], limit);
  const free = await createTopics(['other', 'bareOther']);
  ({ small, own } = limited);
  ({ other } = free);
  const names = [limited.bare, free.bareOther, limited.bareOwn].map(({ name }) => name);
  bare = await run({ file, env: { TOPICS: names.join() } });
  ran = await run({
    file,
    execArgv: ['--require', `${projectRoot}/fixtures/loading/tracing.cjs`],
    env: { TOPICS: [small.name, other.name, own.name].join() },
  });
});

test('a message that the trace header makes too large fails with the same error as a too large one', () => {
  const tooLarge = bare.results[4];
  expect(bare.results).toEqual(['sent', 'sent', 'sent', 'sent', tooLarge, tooLarge, 'sent', 'sent']);
  expect(tooLarge).toMatchObject({ class: 'KafkaJSProtocolError', type: 'MESSAGE_TOO_LARGE' });
  expect(ran.results).toEqual([tooLarge, ...bare.results.slice(1)]);
});

/** Returns the length and the header names of each message in a topic. */
const stored = async (topic: Topic, count: number) =>
  (await readBack(topic, count)).map(({ value, headers }) => [value?.length, Object.keys(headers)]);

test('a retry of that send succeeds without headers; smaller messages and other topics keep their headers', async () => {
  expect(await stored(small, 2)).toEqual([
    [920, []],
    [1, ['traceparent']],
  ]);
});

test('a message that is too large without headers does not stop injection into later messages', async () => {
  expect(await stored(own, 1)).toEqual([[1, ['traceparent']]]);
  expect(await stored(other, 3)).toEqual([
    [1, ['traceparent']],
    [2, ['traceparent']],
    [3, ['traceparent']],
  ]);
});

test('each failure logs one warning with the topics and the effect', () => {
  const warning = (topics: string): unknown =>
    expect.stringMatching(new RegExp(`${topics} failed with MESSAGE_TOO_LARGE.*no headers are added`));
  expect(ran.logged).toEqual([
    warning(`topic "${small.name}"`),
    warning(`topics "${own.name}", "${other.name}"`),
  ]);
});

test('every send has a span, the rejected ones with the error', () => {
  const { message } = ran.results[0] as { message: string };
  const refused = (topic: Topic) =>
    rejected(topic, { type: 'MESSAGE_TOO_LARGE', class: 'KafkaJSProtocolError', message });
  expect(ran.spans).toEqual([
    refused(small),
    sent(small, 0),
    sent(small, 1),
    sent(other, 0),
    refused(small),
    refused(own),
    refused(other),
    sent(own, 0),
    sent(other, 2),
  ]);
});
