import { compareRuns } from './compare';

const NOT_RUNNING = 'Consumer group was not initialized, consumer#run must be called first';
const refused = (message = NOT_RUNNING) => ({ name: 'KafkaJSNonRetriableError', message });
const at = (offset: string) => [{ partition: 0, offset, metadata: null }];

compareRuns({
  themes: ['steering'],
  topics: { jobs: 1, lanes: 3, halves: 1, idle: 1, stranger: 1, sought: 1, stale: 1 },
  differsIn: ['names'],
  scenes: {
    'a topic is paused while its handler is busy, and the message is delivered again': {
      traced: ['process', 'send'],
      seen: [
        { handles: '0', headers: {} },
        { paused: [{ topic: 'jobs', partitions: [0] }] },
        { resumed: [] },
        { handles: '0' },
        { handles: '1' },
      ],
    },

    'one partition is paused, and the others continue': {
      traced: ['process', 'send'],
      seen: { paused: { topic: 'lanes', partitions: [1], resume: ['', 0] }, last: 1, times: [1, 2, 1] },
    },

    'a batch that paused its partition gets the other messages after a resume': {
      traced: ['process', 'send'],
      seen: [['0', '1', '2', '3'], { paused: [{ topic: 'halves', partitions: [0] }] }, ['2', '3']],
    },

    'only a running consumer can pause, resume and seek': {
      traced: ['process', 'send'],
      seen: {
        before: {
          pause: { threw: refused() },
          resume: { threw: refused() },
          seek: { threw: refused() },
          noOffset: { threw: refused('Invalid offset, expected a long received not a number') },
          commit: { rejected: refused() },
          paused: [],
        },
        seen: [[]],
      },
    },

    'a consumer continues at the offset that it seeks, and commits it': {
      traced: ['process', 'send'],
      seen: { handled: ['0', '1', '3', '4'], partitions: at('5') },
    },

    'a batch is stale after a seek': {
      traced: ['process', 'send'],
      seen: { seen: [{ handles: '0' }, { discards: '1' }, { handles: '3' }], partitions: at('-1') },
    },
  },
});
