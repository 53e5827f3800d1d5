import { compareRuns } from './compare';

const written = (topicName: string, partition: number, baseOffset = '0') => ({
  topicName,
  partition,
  errorCode: 0,
  baseOffset,
  logAppendTime: '-1',
});

compareRuns({
  themes: ['producing'],
  topics: {
    sends: 2,
    keys: 3,
    legacy: 3,
    custom: 2,
    headers: 1,
    dated: 1,
    stamped: 1,
    east: 1,
    west: 1,
    both: 1,
    tombstones: 1,
  },
  differsIn: ['names', 'moments'],
  scenes: {
    'send resolves with an entry for each partition, and the messages can be consumed': {
      traced: ['process', 'send'],
      seen: {
        sent: [written('sends', 0), written('sends', 1)],
        read: [
          {
            partition: 0,
            offset: '0',
            key: 'first',
            value: 'to the one',
            timestamp: '(moment)',
            headers: {},
          },
          { partition: 0, offset: '1', key: 'third', value: 'to the one again' },
          { partition: 1, offset: '0', key: 'second', value: 'to the other' },
        ],
      },
    },

    'messages with a key go to one partition, and messages without a key to all': {
      traced: ['process', 'send'],
      seen: {
        keyed: [
          { partition: 0, key: 'amber', value: '0' },
          { partition: 0, key: 'amber', value: '3' },
          { partition: 1, key: 'birch', value: '1' },
          { partition: 1, key: 'birch', value: '4' },
          { partition: 2, key: 'cedar', value: '2' },
          { partition: 2, key: 'cedar', value: '5' },
        ],
        partitionsWithoutKey: [0, 1, 2],
      },
    },

    'the legacy partitioner can be selected': {
      traced: ['process', 'send'],
      seen: [
        { partition: 0, key: 'amber' },
        { partition: 0, key: 'birch' },
        { partition: 0, key: 'cedar' },
        { partition: 2, key: 'dahlia' },
      ],
    },

    'a custom partitioner is called for each message': {
      traced: ['process', 'send'],
      seen: {
        asked: [
          {
            topic: 'custom',
            partitions: [0, 1],
            message: { key: 'k', value: 'from the north', headers: { region: 'north' } },
          },
          {
            topic: 'custom',
            partitions: [0, 1],
            message: { key: 'k', value: 'from the south', headers: { region: 'south' } },
          },
        ],
        read: [
          { partition: 0, value: 'from the north' },
          { partition: 1, value: 'from the south' },
        ],
      },
    },

    'headers are strings, Buffers or lists of both': {
      traced: ['process', 'send'],
      seen: [
        { key: 'texts', headers: { 'correlation-id': '2bfb68bb', 'system-id': 'my-system' } },
        { key: 'list', headers: { 'correlation-id': ['one', 'two'], bytes: 'raw' } },
        { key: 'none', headers: {} },
      ],
    },

    'a timestamp is kept unless the topic uses the time of the broker': {
      traced: ['alterConfigs', 'process', 'send'],
      seen: {
        byProducer: ['946684800000', '(moment)'],
        byBroker: ['(moment)', '(moment)'],
        logAppendTimes: { dated: '-1', stamped: '(moment)' },
      },
    },

    'sendBatch writes to several topics at once': {
      traced: ['process', 'send'],
      seen: {
        sent: [written('both', 0), written('east', 0), written('west', 0)],
        east: [{ key: 'key', value: 'hello', headers: { shared: 'by all' } }],
        west: [
          { key: 'key', value: 'hello' },
          { key: 'key', value: 'more' },
        ],
        both: [
          { key: 'key', value: 'hello' },
          { key: 'key', value: 'the same topic again' },
        ],
      },
    },

    'a value of null is a tombstone': {
      traced: ['process', 'send'],
      seen: [
        { key: 'gone', value: 'was here' },
        { key: 'gone', value: null },
      ],
    },
  },
});
