import { compareRuns } from './compare';

const resolved = (offset: string) => ({
  returned: 'undefined',
  due: { topics: [{ topic: 'batches', partitions: [{ partition: '0', offset }] }] },
});

compareRuns({
  themes: ['consuming'],
  topics: {
    singles: 1,
    classes: 1,
    batches: 1,
    unresolved: 1,
    parallel: 3,
    'site-eu-1': 1,
    'site-us-2': 1,
    'site-apac-3': 1,
    offsite: 1,
    latest: 1,
    stopped: 1,
  },
  differsIn: ['names', 'moments'],
  scenes: {
    'eachMessage receives one message at a time': {
      traced: ['process', 'send'],
      seen: [
        {
          topic: 'singles',
          partition: 0,
          message: { offset: '0', key: 'a', value: 'one', headers: { of: 'two' } },
          looks: [
            ['heartbeat', 'heartbeat', 0],
            ['pause', 'pause', 0],
          ],
          atOnce: 1,
          ownKeys: ['topic', 'partition', 'message', 'heartbeat', 'pause'],
        },
        { message: { offset: '1', key: 'b', value: 'two', headers: {} }, atOnce: 1 },
      ],
    },

    'a handler can be a method of a class that returns nothing': {
      traced: ['process', 'send'],
      seen: [
        { value: '0', arguments: 1, self: 'Runner' },
        { value: '1', arguments: 1, self: 'Runner' },
      ],
    },

    'eachBatch receives a batch, and functions to report its progress': {
      traced: ['process', 'send'],
      seen: {
        batch: { topic: 'batches', partition: 0, highWatermark: '3', class: 'Batch' },
        asks: { isEmpty: false, firstOffset: '0', lastOffset: '2', offsetLag: '0', offsetLagLow: '2' },
        messages: [{ value: '0' }, { value: '1' }, { value: '2' }],
        isRunning: true,
        isStale: false,
        before: { topics: [] },
        resolved: [resolved('1'), resolved('2'), resolved('3')],
      },
    },

    'unresolved messages of a batch are delivered again without automatic resolving': {
      traced: ['process', 'send'],
      seen: [['0', '1', '2', '3', '4'], ['2', '3', '4'], ['4']],
    },

    'partitions are processed concurrently, and each partition in order': {
      traced: ['process', 'send'],
      seen: {
        handled: [
          ['0', '1', '2'],
          ['0', '1', '2'],
          ['0', '1', '2'],
        ],
        most: 3,
      },
    },

    'a consumer subscribes to several topics and to a regular expression': {
      traced: ['process', 'send'],
      seen: [
        [
          ['offsite', [0]],
          ['site-eu-1', [0]],
          ['site-us-2', [0]],
        ],
        { topic: 'offsite', value: 'in offsite' },
        { topic: 'site-eu-1', value: 'in site-eu-1' },
        { topic: 'site-us-2', value: 'in site-us-2' },
      ],
    },

    'without fromBeginning, a new group starts at the end': {
      traced: ['process', 'send'],
      seen: [{ offset: '1', value: 'after' }],
    },

    'a stopped consumer can run again with other handlers': {
      traced: ['process', 'send'],
      seen: [
        { round: 'first', value: 'for the first' },
        { stopped: 'undefined' },
        { round: 'second', value: 'for the second' },
        { stopped: 'undefined' },
      ],
    },
  },
});
