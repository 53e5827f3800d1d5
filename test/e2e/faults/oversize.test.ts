import { projectRoot } from '../../support/program';
import { run, type Ran } from '../loading/support/run';
import { createTopics, readBack, type Topic } from '../loading/support/topics';
import { CLIENT_ID, sent } from '../loading/support/whole';

const file = `${projectRoot}/fixtures/faults/oversize.cjs`;
let small: Topic, other: Topic;
let ran: Ran;
let bare: Ran;

beforeAll(async () => {
  const limit = [{ name: 'max.message.bytes', value: '1000' }];
  const limited = await createTopics(['small', 'bare'], limit);
  const free = await createTopics(['other']);
  ({ small } = limited);
  ({ other } = free);
  bare = await run({ file, env: { TOPICS: [limited.bare.name, other.name].join() } });
  ran = await run({
    file,
    execArgv: ['--require', `${projectRoot}/fixtures/loading/tracing.cjs`],
    env: { TOPICS: [small.name, other.name].join() },
  });
});

test('a message that only our header makes too large is refused with the error of a bare program', () => {
  const tooLarge = bare.results[4];
  expect(bare.results).toEqual(['sent', 'sent', 'sent', 'sent', tooLarge]);
  expect(tooLarge).toMatchObject({ class: 'KafkaJSProtocolError', type: 'MESSAGE_TOO_LARGE' });
  expect(ran.results).toEqual([tooLarge, 'sent', 'sent', 'sent', tooLarge]);
});

test('the next sends to that topic carry no header and get through; other topics are not affected', async () => {
  const stored = await readBack(small, 2);
  expect(stored.map(({ value, headers }) => [value?.length, headers])).toEqual([
    [920, {}],
    [1, {}],
  ]);
  const [, traced] = await readBack(other, 2);
  expect(Object.keys(traced?.headers ?? {})).toEqual(['traceparent']);
});

test('one warning names the topic and what happens', () => {
  expect(ran.logged).toEqual([
    expect.stringMatching(
      new RegExp(`topic "${small.name}" failed with MESSAGE_TOO_LARGE.*no headers are added`),
    ),
  ]);
});

test('every send has its span, the refused ones with the reason', () => {
  const message = (ran.results[0] as { message: string }).message;
  const refused = {
    ...sent(small),
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': small.name,
      'messaging.client.id': CLIENT_ID,
      'messaging.kafka.cluster.id': small.clusterId,
      'error.type': 'MESSAGE_TOO_LARGE',
    },
    status: { code: 'ERROR', message },
    events: [
      {
        name: 'exception',
        attributes: {
          'exception.type': 'KafkaJSProtocolError',
          'exception.message': message,
          'exception.stacktrace': expect.stringContaining(message) as string,
        },
      },
    ],
  };
  expect(ran.spans).toEqual([refused, sent(small, 0), sent(small, 1), sent(other, 1), refused]);
});
