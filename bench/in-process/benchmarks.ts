// Benchmarks without a broker. They use the real kafkajs classes over a stub that answers immediately, so the
// instrumentation causes almost all of the cost.
import { join } from 'node:path';
import type { Benchmark, Variant } from '../benchmark';

const GROUP = 'in-process';

const MODES = ['none', 'off', 'unsampled', 'sampled', 'metrics'] as const;

/** kafkajs without instrumentation (`bare`) costs the same in every SDK mode, so only one mode measures it. */
const variantsIn = (mode: string): readonly Variant[] =>
  mode === 'sampled' ? ['bare', 'floor', 'official', 'ours'] : ['floor', 'official', 'ours'];

/** This number is larger than the number of messages in a batch, so every message has a different producer. */
const DISTINCT = '1000000';

interface Path {
  readonly path: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

const send = (messages: number): Path => ({
  path: `send ${messages}`,
  file: 'send.cjs',
  env: { BENCH_MESSAGES: `${messages}` },
});

const eachBatch = (messages: number, producers: 'distinct' | 'one'): Path => ({
  path: `eachBatch ${messages} ${producers}`,
  file: 'consume.cjs',
  env: {
    BENCH_HANDLER: 'eachBatch',
    BENCH_MESSAGES: `${messages}`,
    BENCH_PRODUCERS: producers === 'one' ? '1' : DISTINCT,
  },
});

const eachMessage: Path = {
  path: 'eachMessage',
  file: 'consume.cjs',
  env: { BENCH_HANDLER: 'eachMessage', BENCH_MESSAGES: '500', BENCH_PRODUCERS: DISTINCT },
};

const PATHS: readonly Path[] = [
  send(1),
  send(100),
  eachMessage,
  eachBatch(100, 'distinct'),
  eachBatch(1000, 'distinct'),
  eachBatch(100, 'one'),
  eachBatch(1000, 'one'),
];

const benchmarkOf = ({ path, file, env }: Path, mode: string): Benchmark => ({
  group: GROUP,
  path,
  mode,
  variants: variantsIn(mode),
  file: join(__dirname, file),
  env,
  // V8 puts new objects into the young generation. Make it so large that no garbage collection runs while allocated
  // bytes are measured.
  allocationArgv: ['--min-semi-space-size=128', '--max-semi-space-size=128'],
  isTimed: mode === 'metrics',
  cost: 1.5,
});

export const benchmarks: readonly Benchmark[] = [
  ...PATHS.flatMap(path => MODES.map(mode => benchmarkOf(path, mode))),
  ...['sampled', 'metrics'].map(mode => benchmarkOf(eachBatch(10_000, 'distinct'), mode)),
];
