import { compareRuns } from './compare';

const at = (offset: string, metadata: string | null = null) => [{ partition: 0, offset, metadata }];
const due = (...offsets: string[]) => ({
  topics: offsets.map(offset => ({ topic: 'necessary', partitions: [{ partition: '0', offset }] })),
});

compareRuns({
  themes: ['offsets'],
  topics: { automatic: 1, threshold: 1, interval: 1, manual: 1, necessary: 1, elsewhere: 1 },
  differsIn: ['names'],
  scenes: {
    'offsets are committed after a batch': {
      traced: ['process', 'send'],
      seen: { commits: ['0:3'], committed: at('3') },
    },

    'offsets are committed after a number of messages': {
      traced: ['process', 'send'],
      seen: {
        seen: [
          { handles: '0', commits: [] },
          { handles: '1', commits: [] },
          { handles: '2', commits: ['0:2'] },
          { handles: '3', commits: ['0:2'] },
          { handles: '4', commits: ['0:2', '0:4'] },
        ],
        committed: at('5'),
      },
    },

    'offsets are committed after an interval': {
      traced: ['process', 'send'],
      seen: [
        { handles: '0', commits: [], headers: {} },
        { handles: '1', commits: ['0:1'] },
        { handles: '2', commits: ['0:1', '0:2'] },
      ],
    },

    'the next consumer continues at manually committed offsets': {
      traced: ['commit', 'process', 'send'],
      seen: { commits: ['0:2', 'undefined'], offsets: at('2', 'half way'), next: ['2', '3'] },
    },

    'a batch commits the given offsets, or those due by its threshold': {
      traced: ['commit', 'fetchOffsets', 'process', 'send'],
      seen: [
        { resolved: '0', commits: [], due: due('1') },
        { resolved: '1', commits: [], due: due('2') },
        { resolved: '2', commits: ['0:3'], due: due() },
        { resolved: '3', commits: ['0:3'], due: due('4') },
        { named: ['0:3', '0:1'], committed: at('1') },
      ],
    },

    'a program can store offsets itself and seek to them at the start': {
      traced: ['process', 'send'],
      seen: {
        rounds: [
          ['0', '1'],
          ['2', '3'],
        ],
        store: [[0, '4']],
        committed: at('-1'),
      },
    },
  },
});
