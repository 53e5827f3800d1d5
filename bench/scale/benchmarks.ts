// Benchmarks that show how the cost grows, for example with the number of messages, headers or partitions. They run
// without a broker, with spans and metrics.
import { join } from 'node:path';
import type { Benchmark, Variant } from '../benchmark';

/** Benchmarks with thousands of partitions leave out the official instrumentation, which would take too long. */
const BOTH: readonly Variant[] = ['official', 'ours'];

/** Returns a benchmark name such as `eachMessage, 100 topics`. */
export const growthPath = (what: string, count: number): string =>
  `${what === 'producers' ? 'send 1' : 'eachMessage'}, ${count} ${what}`;

type Env = Readonly<Record<string, string | number>>;

function benchmark(
  path: string,
  file: 'send' | 'consume',
  env: Env,
  variants: readonly Variant[] = BOTH,
): Benchmark {
  return {
    group: 'scale',
    path,
    mode: 'metrics',
    variants,
    file: join(__dirname, '..', 'in-process', `${file}.cjs`),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [`BENCH_${name}`, String(value)])),
    cost: 1.5,
  };
}

const consume = (
  path: string,
  handler: 'eachMessage' | 'eachBatch',
  env: Env,
  variants?: readonly Variant[],
) => benchmark(path, 'consume', { HANDLER: handler, MESSAGES: 100, PRODUCERS: 1_000_000, ...env }, variants);

/** Options of this package that reduce its cost. */
const OPTIONS: Readonly<Record<string, object>> = {
  'default options': {},
  'topics: exclude': { topics: { exclude: ['orders'] } },
  'metrics: false': { metrics: false },
  both: { topics: { exclude: ['orders'] }, metrics: false },
};

const withOption = (name: string, options: object): readonly Benchmark[] => {
  const OPTIONS = JSON.stringify(options);
  return [
    consume(`eachMessage, ${name}`, 'eachMessage', { OPTIONS }, ['ours']),
    benchmark(`send 1, ${name}`, 'send', { MESSAGES: 1, OPTIONS }, ['ours']),
  ];
};

/** A benchmark that is repeated with growing counts, for example with 1, 100 and 500 topics. */
interface Growth {
  readonly what: string;
  readonly counts: readonly number[];
  readonly benchmarks: readonly Benchmark[];
}

const growth = (
  what: string,
  counts: readonly number[],
  benchmarkOf: (path: string, count: number) => Benchmark,
): Growth => ({
  what,
  counts,
  benchmarks: counts.map(count => benchmarkOf(growthPath(what, count), count)),
});

const consumeFrom =
  (name: 'TOPICS' | 'PARTITIONS' | 'GROUPS', variants: readonly Variant[]) =>
  (path: string, count: number): Benchmark =>
    consume(path, 'eachMessage', { [name]: count, MESSAGES: 10, COLLECTS: 1 }, variants);

/** Uninstrumented kafkajs (`bare`) is needed to compute the memory that this package adds. */
const WITH_BARE: readonly Variant[] = ['bare', 'ours'];

export const GROWTH: readonly Growth[] = [
  growth('topics', [1, 100, 500, 2000], consumeFrom('TOPICS', ['bare', ...BOTH])),
  growth('partitions', [1, 100, 1000, 10_000], consumeFrom('PARTITIONS', WITH_BARE)),
  growth('groups', [1, 10, 100, 500], consumeFrom('GROUPS', WITH_BARE)),
  growth('producers', [1, 10, 100, 2000], (path, count) =>
    benchmark(path, 'send', { CLIENTS: count, MESSAGES: 1 }, WITH_BARE),
  ),
];

export const benchmarks: readonly Benchmark[] = [
  ...Object.entries(OPTIONS).flatMap(([name, options]) => withOption(name, options)),
  benchmark("send 100, producerSpans: 'message'", 'send', {
    MESSAGES: 100,
    OPTIONS: JSON.stringify({ producerSpans: 'message' }),
  }),
  ...[1, 10, 100, 1000, 10_000].map(MESSAGES =>
    benchmark(`send, ${MESSAGES} messages`, 'send', { MESSAGES }),
  ),
  ...[1, 10, 100, 1000, 10_000].map(MESSAGES =>
    consume(`eachBatch, ${MESSAGES} messages`, 'eachBatch', { MESSAGES }),
  ),
  ...[0, 5, 20, 50].flatMap(HEADERS => [
    consume(`eachMessage, ${HEADERS} other headers`, 'eachMessage', { HEADERS }),
    consume(`eachBatch 100, ${HEADERS} other headers`, 'eachBatch', { HEADERS }),
  ]),
  ...GROWTH.flatMap(({ benchmarks }) => benchmarks),
];
