import { compareRuns } from './compare';

const refused = (message: string) => ({ rejected: { name: 'KafkaJSNonRetriableError', message } });
const over = refused('Cannot continue to use transaction once ended');
const written = (topicName: string, baseOffset = '0') => [
  { topicName, partition: 0, errorCode: 0, baseOffset },
];

compareRuns({
  themes: ['transactions'],
  topics: { committed: 1, aborted: 1, input: 1, output: 1, ended: 1 },
  differsIn: ['names'],
  scenes: {
    'messages of a transaction are visible after the commit': {
      traced: ['process', 'send', 'transaction'],
      seen: {
        before: true,
        sent: written('committed'),
        batch: written('committed', '1'),
        commit: 'undefined',
        after: false,
        read: [
          { offset: '0', value: 'single', headers: {}, inTransaction: true },
          { offset: '1', value: 'in a batch', headers: { own: 'header' }, inTransaction: true },
        ],
      },
    },

    'messages of an aborted transaction are visible only with readUncommitted': {
      traced: ['process', 'send', 'transaction'],
      seen: {
        read: [{ offset: '2', value: 'this one' }],
        uncommitted: [
          { offset: '0', value: 'never mind' },
          { offset: '2', value: 'this one' },
        ],
      },
    },

    'a message is consumed, transformed and produced in one transaction': {
      traced: ['commit', 'process', 'send', 'transaction'],
      seen: {
        ended: ['undefined', 'committed 0', 'aborted 1: not this one', 'undefined', 'committed 2'],
        partitions: [{ partition: 0, offset: '3' }],
        output: [
          { key: 'one', value: 'ONE' },
          { key: 'three', value: 'THREE' },
        ],
      },
    },

    'an ended transaction rejects every call': {
      traced: ['send', 'transaction'],
      seen: {
        whileOngoing: refused(
          'There is already an ongoing transaction for this producer. Please end the transaction before beginning another.',
        ),
        isActive: false,
        send: over,
        sendBatch: over,
        sendOffsets: over,
        commit: over,
        abort: over,
        outside: { resolved: written('ended') },
      },
    },

    'only a producer with a transactional id can begin transactions': {
      traced: ['transaction'],
      seen: refused('Must provide transactional id for transactional producer'),
    },
  },
});
