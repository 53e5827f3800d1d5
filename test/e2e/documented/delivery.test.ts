import { compareRuns } from './compare';

const refused = (name: string, message: string) => ({ rejected: { class: name, name, message } });
const written = (topicName: string, baseOffset = '0') => [
  { topicName, partition: 0, errorCode: 0, baseOffset },
];

compareRuns({
  themes: ['delivery'],
  topics: { zipped: 1, codecs: 1, acknowledged: 1, idempotent: 1, refusals: 1 },
  differsIn: ['names'],
  mayDifferIn: ['durations'],
  scenes: {
    'compressed messages are consumed unchanged': {
      traced: ['process', 'send'],
      seen: [
        { key: 'key1', value: 'hello world', headers: {} },
        { key: 'key2', value: 'hey hey!', headers: {} },
      ],
    },

    'a codec can be added; a compression without codec is rejected': {
      traced: ['send'],
      seen: {
        without: refused('KafkaJSNotImplemented', 'Snappy compression not implemented'),
        withOwn: { rejected: { class: 'Error', message: 'this codec knows better' } },
        compressed: [true],
      },
    },

    'the option acks decides whether a send returns offsets': {
      traced: ['process', 'send'],
      seen: {
        sent: { '-1': written('acknowledged'), '1': written('acknowledged', '1'), '0': [] },
        read: ['acks -1', 'acks 1', 'acks 0'],
      },
    },

    'an idempotent producer requires all acknowledgements': {
      traced: ['process', 'send'],
      seen: {
        isIdempotent: true,
        sent: written('idempotent'),
        withOneAck: refused(
          'KafkaJSNonRetriableError',
          "Not requiring ack for all messages invalidates the idempotent producer's EoS guarantees",
        ),
        sequences: [0, 0],
      },
    },

    'an invalid message is rejected, and the producer still works': {
      traced: ['process', 'send'],
      seen: {
        unconnected: refused('KafkaJSError', 'The producer is disconnected'),
        noTopic: refused('KafkaJSNonRetriableError', 'Invalid topic'),
        noMessages: refused(
          'KafkaJSNonRetriableError',
          'Invalid messages array [undefined] for topic "refusals"',
        ),
        noValue: refused(
          'KafkaJSNonRetriableError',
          'Invalid message without value for topic "refusals": {"key":"k"}',
        ),
        unknownTopic: {
          rejected: {
            name: 'KafkaJSNumberOfRetriesExceeded',
            retryCount: 1,
            cause: { name: 'KafkaJSProtocolError', type: 'UNKNOWN_TOPIC_OR_PARTITION', code: 3 },
          },
        },
        emptyBatch: { resolved: [] },
        afterAll: { resolved: written('refusals') },
        read: ['hello world', 'hey hey!'],
      },
    },
  },
});
