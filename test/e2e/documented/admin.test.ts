import { compareRuns } from './compare';

const invalid = (message: string) => ({ rejected: { name: 'KafkaJSNonRetriableError', message } });
const aggregate = (message: string, type: string) => ({
  rejected: { name: 'KafkaJSAggregateError', message, errors: [{ type }] },
});
const policy = (configValue: string) => [
  { resourceName: 'configured', configEntries: [{ configName: 'cleanup.policy', configValue }] },
];
const range = (partition: number, low: string, high: string) => ({ partition, offset: high, high, low });

compareRuns({
  themes: ['admin'],
  topics: { made: 1, measured: 2, configured: 1, assignments: 1 },
  differsIn: ['names'],
  mayDifferIn: ['durations'],
  scenes: {
    'topics are created once, grow and are deleted': {
      traced: ['createPartitions', 'createTopics', 'deleteTopics'],
      seen: {
        validated: true,
        listedBefore: false,
        created: true,
        again: false,
        grown: {},
        listed: true,
        shrunk: { rejected: { type: 'INVALID_PARTITIONS' } },
        deleted: {},
        gone: {
          rejected: {
            name: 'KafkaJSNumberOfRetriesExceeded',
            retryCount: 1,
            cause: { type: 'UNKNOWN_TOPIC_OR_PARTITION' },
          },
        },
      },
    },

    'a topic that cannot be created causes an error': {
      traced: ['createTopics'],
      seen: {
        manyReplicas: aggregate('Topic creation errors', 'INVALID_REPLICATION_FACTOR'),
        noName: invalid('Invalid topics array, the topic names have to be a valid string'),
        noList: invalid('Invalid topics array orders'),
        twice: invalid('Invalid topics array, it cannot have multiple entries for the same topic'),
        unknown: invalid('Invalid topic 42'),
      },
    },

    'an admin client reads offsets by end and by time, and deletes records': {
      traced: ['deleteTopicRecords', 'process', 'send'],
      seen: {
        offsets: [range(0, '0', '5'), range(1, '0', '2')],
        byTime: [
          { partition: 0, offset: '2' },
          { partition: 1, offset: '2' },
        ],
        atTheEnd: [
          { partition: 0, offset: '5' },
          { partition: 1, offset: '2' },
        ],
        left: [range(0, '3', '5'), range(1, '2', '2')],
        beyond: {
          rejected: {
            cause: {
              name: 'KafkaJSDeleteTopicRecordsError',
              partitions: [{ partition: 0, offset: '99', error: { type: 'OFFSET_OUT_OF_RANGE' } }],
            },
          },
        },
        kept: [
          { offset: '3', headers: {} },
          { offset: '4', headers: {} },
        ],
      },
    },

    'configurations are described and changed': {
      traced: ['alterConfigs'],
      seen: {
        before: policy('delete'),
        altered: { resources: [{ errorCode: 0, resourceName: 'configured' }] },
        after: policy('compact'),
        wrong: invalid('Invalid resource type topic: {"type":"topic","name":"configured"}'),
      },
    },

    'partitions can be reassigned': {
      traced: ['alterPartitionReassignments'],
      seen: {
        altered: {},
        listed: { resolved: { topics: [] } },
        nowhere: aggregate('Errors altering partition reassignments', 'INVALID_REPLICA_ASSIGNMENT'),
      },
    },
  },
});
