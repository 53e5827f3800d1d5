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
    'what a transaction has sent is read once it commits': {
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

    'what a transaction has sent is not read where it aborts, but by who reads the uncommitted': {
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

    'a transaction that has ended refuses everything': {
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

    'only a producer with a transactional id has transactions': {
      traced: ['transaction'],
      seen: refused('Must provide transactional id for transactional producer'),
    },
  },
});
