// The performance targets. Each target limits a median over all rounds. A round measures all variants of a benchmark.
import type { Variant } from './benchmark';

interface Common {
  readonly name: string;
  /** Name of the benchmark: `group/path/mode`, for example `broker/eachBatch 100 B/metrics`. */
  readonly benchmark: string;
  readonly limit: number;
}

/** Limits the CPU time of variant `of` divided by that of variant `to`. */
interface Ratio extends Common {
  readonly kind: 'ratio';
  /** Default: `cpu`. `cold` is the CPU time of the first 1,000 operations of a process. */
  readonly field?: 'cpu' | 'cold';
  readonly of: Variant;
  readonly to: Variant;
}

/** Limits the CPU time of variant `of` minus that of variant `to`, in µs per message. */
interface Difference extends Common {
  readonly kind: 'difference';
  readonly of: Variant;
  readonly to: Variant;
}

interface Field extends Common {
  readonly kind: 'field';
  readonly of: Variant;
  readonly field: string;
}

/**
 * Limits the CPU time that metrics add to a call: how much more they add for variant `of` than for variant `to`, in µs.
 */
interface Added extends Common {
  readonly kind: 'added';
  readonly of: Variant;
  readonly to: Variant;
  /** The benchmark with the same workload, but without metrics. */
  readonly without: string;
  readonly messagesPerCall: number;
}

export type Target = Ratio | Difference | Field | Added;

const ours = 'ours' as const;

const ratio = (name: string, benchmark: string, to: Variant, limit: number): Target => ({
  kind: 'ratio',
  name: `${name}, × ${to}`,
  benchmark,
  of: ours,
  to,
  limit,
});

/** This package must be cheaper than the other variant. */
const BELOW = 1;

const inProcess = (path: string, mode = 'sampled') => `in-process/${path}/${mode}`;
const broker = (path: string, mode = 'metrics') => `broker/${path}/${mode}`;

const SIZES = ['100 B', '1 kB'];

const onBroker: readonly Target[] = SIZES.flatMap(size => [
  ratio(`eachBatch, ${size}`, broker(`eachBatch ${size}`), 'bare', 1.15),
  {
    kind: 'difference',
    name: `eachBatch, ${size}, minus bare, µs`,
    benchmark: broker(`eachBatch ${size}`),
    of: ours,
    to: 'bare',
    limit: 0.6,
  },
  ratio(`eachMessage, ${size}`, broker(`eachMessage ${size}`), 'floor', 1.15),
  ratio(`eachMessage, ${size}`, broker(`eachMessage ${size}`), 'official', 0.6),
  ratio(`produce 500 per call, ${size}`, broker(`produce 500 ${size}`), 'bare', 1.15),
  ratio(`produce 1 per call, ${size}`, broker(`produce 1 ${size}`), 'floor', 1.15),
  ratio(`produce 1 per call, ${size}`, broker(`produce 1 ${size}`), 'official', BELOW),
]);

/** Targets for Confluent's client. The official instrumentation does not support this client. */
const onConfluent: readonly Target[] = [
  ratio('eachBatch, 100 B', 'confluent/eachBatch 100 B/metrics', 'bare', 1.15),
  ratio('eachBatch bulk, 100 B', 'confluent/eachBatch bulk 100 B/metrics', 'bare', 1.15),
  ratio('eachBatch of 1000, 100 B', 'confluent/eachBatch of 1000 100 B/metrics', 'bare', 1.15),
  ratio('eachMessage, 100 B', 'confluent/eachMessage 100 B/metrics', 'floor', 1.15),
  ratio('produce 500 per call, 100 B', 'confluent/produce 500 100 B/metrics', 'bare', 1.15),
  ratio('produce 1 per call, 100 B', 'confluent/produce 1 100 B/metrics', 'floor', 1.15),
];

const PATHS = ['send 1', 'send 100', 'eachMessage', 'eachBatch 100 distinct', 'eachBatch 1000 distinct'];

const cold: readonly Target[] = PATHS.flatMap(path =>
  ['sampled', 'metrics'].map(mode => ({
    ...ratio(`${path}, first 1,000 operations, ${mode}`, inProcess(path, mode), 'official', BELOW),
    field: 'cold' as const,
  })),
);

const unrecorded: readonly Target[] = ['off', 'unsampled'].flatMap(mode =>
  PATHS.map(path => ratio(`${path}, ${mode}`, inProcess(path, mode), 'floor', 1.25)),
);

const added = (path: string, messagesPerCall: number): Target => ({
  kind: 'added',
  name: `${path}, cost of metrics per call, µs`,
  benchmark: inProcess(path, 'metrics'),
  of: ours,
  to: 'floor',
  without: inProcess(path),
  messagesPerCall,
  limit: 0.4,
});

export const targets: readonly Target[] = [
  ...onBroker,
  ...onConfluent,
  ratio('send 1', inProcess('send 1'), 'floor', 1.3),
  ratio('send 1', inProcess('send 1'), 'official', BELOW),
  ratio('send 100', inProcess('send 100'), 'official', 0.1),
  ratio('eachMessage', inProcess('eachMessage'), 'floor', 1.3),
  ratio('eachMessage', inProcess('eachMessage'), 'official', 0.5),
  ratio('eachBatch of 100 distinct', inProcess('eachBatch 100 distinct'), 'official', 0.15),
  ratio('eachBatch of 1,000 distinct', inProcess('eachBatch 1000 distinct'), 'official', 0.02),
  ...unrecorded,
  ...cold,
  ratio('send 1, no SDK', inProcess('send 1', 'none'), 'official', 0.2),
  ratio('eachMessage, no SDK', inProcess('eachMessage', 'none'), 'official', 0.1),
  {
    kind: 'field',
    name: 'eachBatch of 10,000: time before the handler starts, ms',
    benchmark: inProcess('eachBatch 10000 distinct'),
    of: ours,
    field: 'block',
    limit: 5,
  },
  added('send 1', 1),
  added('send 100', 100),
  added('eachMessage', 1),
  added('eachBatch 100 distinct', 100),
  added('eachBatch 1000 distinct', 1000),
];
