import { join } from 'node:path';
import type { Benchmark, Variant } from '../benchmark';

export { start } from './start';

/** Bytes. */
type Size = 100 | 1000;

/**
 * What the SDK does:
 * - `off`: the sampler drops every span, and there are no metrics
 * - `sampled`: spans, but no metrics
 * - `metrics`: spans and metrics. The exporter drops them
 * - `otlp`: spans and metrics. The exporter serializes them and then drops them
 */
type Mode = 'off' | 'sampled' | 'metrics' | 'otlp';

const VARIANTS: Readonly<Record<Mode, readonly Variant[]>> = {
  off: ['bare', 'floor', 'official', 'ours'],
  sampled: ['bare', 'floor', 'official', 'ours'],
  metrics: ['headerless', 'bare', 'floor', 'official', 'ours'],
  otlp: ['bare', 'floor', 'official', 'ours'],
};

/** Approximate duration of one measuring process, in seconds. Producers need a longer warm-up. */
const COST_OF_SENDS = 5;
const COST = 3;

const bytes = (size: Size): string => (size === 1000 ? '1 kB' : `${size} B`);

function benchmark(
  mode: Mode,
  path: string,
  file: 'produce' | 'consume',
  env: Record<string, string>,
): Benchmark {
  const group = 'broker';
  return {
    group,
    path,
    mode,
    variants: VARIANTS[mode],
    file: join(__dirname, `${file}.cjs`),
    env,
    // Each of these calls handles 100 kB or more. A process makes only a few calls, so the results vary more.
    isUnsteady:
      env['BENCH_VALUE'] === '1000' && (env['BENCH_CALL'] === '500' || env['BENCH_HANDLER'] === 'eachBatch'),
    isTimed: mode === 'metrics' && env['BENCH_VALUE'] === '100',
    cost: file === 'produce' ? COST_OF_SENDS : COST,
  };
}

const produce = (mode: Mode, call: 1 | 500, size: Size): Benchmark =>
  benchmark(mode, `produce ${call} ${bytes(size)}`, 'produce', {
    BENCH_CALL: String(call),
    BENCH_VALUE: String(size),
  });

/**
 * @param contexts - `each`: every message has a different trace context, which costs most. `bulk`: 500 consecutive
 * messages share one trace context
 */
const consume = (
  mode: Mode,
  handler: 'eachMessage' | 'eachBatch',
  size: Size,
  contexts: 'each' | 'bulk' = 'each',
): Benchmark =>
  benchmark(mode, `${handler} ${bytes(size)}${contexts === 'bulk' ? ' bulk' : ''}`, 'consume', {
    BENCH_HANDLER: handler,
    BENCH_VALUE: String(size),
    BENCH_CONTEXTS: contexts,
    // One fetch returns more than 20,000 messages, so the default duration would cover only a few fetches.
    ...(handler === 'eachBatch' && { BENCH_DURATION: '1500' }),
  });

/**
 * Measures the cost of a require hook alone. Every instrumentation installs such a hook, which slows down `require`.
 */
const underHook: Benchmark = {
  ...produce('off', 1, 100),
  path: 'produce 1 100 B, require hook',
  variants: ['bare'],
  execArgv: ['--require', join(__dirname, '..', '..', 'fixtures', 'cost', 'require-hook.cjs')],
};

const ofSize = (mode: Mode, size: Size): Benchmark[] => [
  produce(mode, 1, size),
  produce(mode, 500, size),
  consume(mode, 'eachMessage', size),
  consume(mode, 'eachBatch', size),
];

/**
 * Every mode uses 100 B values. Only the mode `metrics` uses 1 kB values too, because the cost of a span does not
 * depend on the size of the value.
 */
export const benchmarks: readonly Benchmark[] = [
  ...ofSize('metrics', 100),
  consume('metrics', 'eachBatch', 100, 'bulk'),
  ...ofSize('metrics', 1000),
  produce('off', 1, 100),
  underHook,
  consume('off', 'eachMessage', 100),
  consume('sampled', 'eachMessage', 100),
  ...ofSize('otlp', 100),
];
