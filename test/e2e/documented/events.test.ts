import { compareRuns } from './compare';

const written = (topicName: string) => [{ topicName, partition: 0, errorCode: 0, baseOffset: '0' }];
const request = { id: 'number', type: 'producer.network.request', timestamp: 'number' };
const refused = (known: string) => ({
  threw: {
    name: 'KafkaJSNonRetriableError',
    message: expect.stringMatching(`^Event name should be one of ${known}`) as unknown,
  },
});

compareRuns({
  themes: ['events'],
  topics: { connected: 1, silenced: 1, lived: 1, rejecting: 1 },
  differsIn: ['names', 'moments', 'members'],
  mayDifferIn: ['durations'],
  scenes: {
    'a producer emits events for its connection and requests': {
      traced: ['send'],
      seen: {
        shapes: [request, { type: 'producer.connect' }, request, request, { type: 'producer.disconnect' }],
        apis: ['ApiVersions', 'Metadata', 'Produce'].map(name => [
          name,
          expect.any(Number) as unknown,
          'a producer emits events for its connection and requests',
        ]),
        ascending: true,
      },
    },

    'a removed listener receives no more events': {
      traced: ['send'],
      seen: { before: true, more: 0 },
    },

    'a consumer emits its lifecycle events in order': {
      traced: ['process', 'send'],
      seen: {
        life: [
          { type: 'consumer.connect' },
          { type: 'consumer.connect' },
          { type: 'consumer.group_join', payload: { groupId: 'lived', memberAssignment: { lived: [0] } } },
          { type: 'consumer.start_batch_process', payload: { topic: 'lived', batchSize: 2 } },
          {
            type: 'consumer.end_batch_process',
            payload: { topic: 'lived', offsetLag: '0', lastOffset: '1' },
          },
          {
            type: 'consumer.commit_offsets',
            payload: { topics: [{ topic: 'lived', partitions: [{ partition: '0', offset: '2' }] }] },
          },
          { type: 'consumer.stop' },
          { type: 'consumer.disconnect' },
        ],
        recurrent: [
          { type: 'consumer.fetch' },
          { type: 'consumer.fetch_start' },
          { type: 'consumer.heartbeat', payload: ['groupId', 'memberId', 'groupGenerationId'] },
          { type: 'consumer.network.request' },
        ],
        ascending: true,
        headers: {},
      },
    },

    'an admin client emits events for its requests': {
      traced: [],
      seen: {
        types: [
          ['admin.network.request', 'ApiVersions'],
          ['admin.connect', null],
          ['admin.network.request', 'Metadata'],
          ['admin.network.request', 'Metadata'],
          ['admin.disconnect', null],
        ],
      },
    },

    'an event that does not exist cannot be listened to': {
      traced: [],
      seen: {
        producer: refused('producer.events.CONNECT'),
        consumer: refused('consumer.events.HEARTBEAT'),
        admin: refused('admin.events.CONNECT'),
      },
    },

    'a rejecting listener is logged, and the client still works': {
      traced: ['send'],
      seen: {
        sent: written('rejecting'),
        logged: [
          {
            namespace: 'Producer',
            label: 'ERROR',
            message: 'Failed to execute listener: the listener failed',
            eventName: 'producer.network.request',
          },
        ],
      },
    },
  },
});
