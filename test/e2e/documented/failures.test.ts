import { compareRuns } from './compare';

const gaveUp = (message: string, cause: unknown) => ({
  name: 'KafkaJSNumberOfRetriesExceeded',
  message,
  retryCount: 1,
  cause,
});
const ended = (groupId: string, error: object, restart = false) => ({ crash: { groupId, error, restart } });
const handled = { handles: '0' };
const unreachable = {
  rejected: gaveUp('Connection error: connect ECONNREFUSED 127.0.0.1:1', {
    name: 'KafkaJSConnectionError',
    code: 'ECONNREFUSED',
    broker: '127.0.0.1:1',
  }),
};

compareRuns({
  themes: ['failures'],
  topics: { again: 1, partly: 1, exhausted: 1, restarted: 1, typeError: 1, nonRetriable: 1, text: 1 },
  differsIn: ['names', 'durations'],
  scenes: {
    'a message is delivered again if its handler fails, and earlier messages are not': {
      traced: ['process', 'send'],
      seen: {
        handled: ['0', '1', '1', '1', '2'].map(offset => ({ offset, headers: {} })),
        partitions: [{ partition: 0, offset: '3' }],
      },
    },

    'the resolved part of a failed batch is committed': {
      traced: ['process', 'send'],
      seen: [
        { batch: ['0', '1', '2'] },
        { commits: [{ partition: '0', offset: '1' }] },
        { batch: ['1', '2'] },
      ],
    },

    'a consumer with exhausted retries calls restartOnFailure': {
      traced: ['process', 'send'],
      seen: {
        asked: [{ error: gaveUp('always', { class: 'Error', own: 'field' }), sameCause: true }],
        seen: [handled, handled, ended('exhausted', gaveUp('always', { message: 'always', own: 'field' }))],
      },
    },

    'a restarted consumer receives the message again': {
      traced: ['process', 'send'],
      seen: [
        handled,
        handled,
        ended('restarted', gaveUp('not yet', { class: 'Error' }), true),
        handled,
        handled,
        ended('restarted', gaveUp('not yet', { class: 'Error' }), true),
        handled,
      ],
    },

    'a non-retriable error stops a consumer immediately, without restartOnFailure': {
      traced: ['process', 'send'],
      seen: {
        seen: {
          typeError: [
            handled,
            ended('typeError', { name: 'KafkaJSNonRetriableError', cause: { class: 'TypeError' } }),
          ],
          nonRetriable: [handled, ended('nonRetriable', { cause: { message: 'give up' } })],
          // kafkajs retries after a thrown string as after an error.
          text: [handled, handled, ended('text', gaveUp('only a text', 'only a text'))],
        },
        asked: [['text', 'KafkaJSNumberOfRetriesExceeded']],
      },
    },

    'an unreachable cluster is an error after all retries': {
      traced: [],
      seen: {
        producer: unreachable,
        consumer: unreachable,
        admin: unreachable,
        discovery: {
          rejected: {
            name: 'KafkaJSConnectionError',
            message: 'Failed to connect: "config.brokers" threw: nobody knows the brokers',
          },
        },
      },
    },
  },
});
