import { compareRuns } from './compare';

const written = (topicName: string) => [{ topicName, partition: 0, errorCode: 0, baseOffset: '0' }];
const entry = (label: string, message: string, namespace?: string) => ({
  label,
  log: { logger: 'kafkajs', timestamp: '(moment)', message },
  ...(namespace === undefined ? {} : { namespace }),
});
/** A new namespace logs at every level. After its level is set, the namespace has the level of the client. */
const ofClient = (name: string, namespace: string) => [
  entry('INFO', `not logged by ${name}`, namespace),
  entry('WARN', `logged by ${name}`, namespace),
  entry('INFO', `logged by ${name} too`, namespace),
];

compareRuns({
  themes: ['clients'],
  topics: { logged: 1, debugged: 1, found: 1, sockets: 1, subclass: 1 },
  differsIn: ['names', 'moments', 'members'],
  mayDifferIn: ['durations'],
  scenes: {
    'a custom log creator receives every log entry': {
      traced: ['process', 'send'],
      seen: [
        { created: 4 },
        {
          label: 'WARN',
          log: { message: expect.stringContaining('switched default partitioner') as unknown },
        },
        entry('INFO', 'Starting', 'Consumer'),
        entry('INFO', 'Consumer has joined the group', 'ConsumerGroup'),
        entry('INFO', 'consumer not running, exiting', 'Runner'),
        entry('INFO', 'Stopped', 'Consumer'),
      ],
    },

    'each client has a logger, with a level that can be set': {
      traced: [],
      seen: [
        { created: 2 },
        entry('WARN', 'logged by root'),
        entry('INFO', 'logged by root too'),
        ...ofClient('producer', 'Producer'),
        ...ofClient('consumer', 'Consumer'),
        ...ofClient('admin', 'Admin'),
      ],
    },

    'the log level in the environment takes precedence': {
      traced: [],
      seen: [{ created: 1 }, entry('ERROR', 'logged')],
    },

    'logged requests do not contain buffers': {
      traced: ['send'],
      seen: [
        5,
        { message: 'Request Metadata(key: 3, version: 6)' },
        { message: 'Response Metadata(key: 3, version: 6)' },
        { message: 'Request Produce(key: 0, version: 7)', size: 'number' },
        { message: 'Response Produce(key: 0, version: 7)', data: { topics: [{ topicName: 'debugged' }] } },
      ],
    },

    'a function can return the brokers, and an unreachable broker is skipped': {
      traced: ['process', 'send'],
      seen: { asked: true, sent: written('found'), read: [{ value: '0', headers: {} }] },
    },

    'a custom socket factory creates the sockets': {
      traced: ['process', 'send'],
      seen: {
        opened: { host: 'string', port: 'number' },
        several: true,
        sent: written('sockets'),
        values: ['0'],
      },
    },

    'a subclass of Kafka creates working clients': {
      traced: ['send'],
      seen: { made: 'by OwnKafka', class: 'OwnKafka', parent: 'Client', sent: written('subclass') },
    },
  },
});
