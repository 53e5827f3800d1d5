// Cells that run on a real broker.
import { join } from 'node:path';
import type { Cell, Variant } from '../cell';

export { start } from './start';

/** Size of a message value, in bytes. */
type Size = 100 | 1000;

/**
 * `metrics` records spans and metrics and drops them at the exporter; `otlp` also serializes them first. `off` samples no span and has
 * no metrics; `sampled` has spans only.
 */
type Mode = 'off' | 'sampled' | 'metrics' | 'otlp';

const VARIANTS: Readonly<Record<Mode, readonly Variant[]>> = {
  off: ['bare', 'floor', 'official', 'ours'],
  sampled: ['bare', 'floor', 'official', 'ours'],
  metrics: ['headerless', 'bare', 'floor', 'official', 'ours'],
  otlp: ['bare', 'floor', 'official', 'ours'],
};

/** Approximate duration of a whole sample, in seconds. Sends need a longer warm-up. */
const COST_OF_SENDS = 5;
const COST = 3;

const bytes = (size: Size): string => (size === 1000 ? '1 kB' : `${size} B`);

function cell(mode: Mode, path: string, file: 'produce' | 'consume', env: Record<string, string>): Cell {
  const group = 'broker';
  return {
    group,
    path,
    mode,
    variants: VARIANTS[mode],
    file: join(__dirname, `${file}.cjs`),
    env,
    // A sample has few calls here, of 100 kB and more each.
    isUnsteady:
      env['BENCH_VALUE'] === '1000' && (env['BENCH_CALL'] === '500' || env['BENCH_HANDLER'] === 'eachBatch'),
    isTimed: mode === 'metrics' && env['BENCH_VALUE'] === '100',
    cost: file === 'produce' ? COST_OF_SENDS : COST,
  };
}

const produce = (mode: Mode, call: 1 | 500, size: Size): Cell =>
  cell(mode, `produce ${call} ${bytes(size)}`, 'produce', {
    BENCH_CALL: String(call),
    BENCH_VALUE: String(size),
  });

/** @param contexts - `each`: a different producer context in every message (the worst case); `bulk`: one per 500 messages */
const consume = (
  mode: Mode,
  handler: 'eachMessage' | 'eachBatch',
  size: Size,
  contexts: 'each' | 'bulk' = 'each',
): Cell =>
  cell(mode, `${handler} ${bytes(size)}${contexts === 'bulk' ? ' bulk' : ''}`, 'consume', {
    BENCH_HANDLER: handler,
    BENCH_VALUE: String(size),
    BENCH_CONTEXTS: contexts,
    // One fetch brings more than 20,000 messages, so a short sample would have few fetches.
    ...(handler === 'eachBatch' && { BENCH_DURATION: '1500' }),
  });

/** kafkajs alone, under a require hook as every instrumentation installs it. */
const underHook: Cell = {
  ...produce('off', 1, 100),
  path: 'produce 1 100 B, require hook',
  variants: ['bare'],
  execArgv: ['--require', join(__dirname, '..', '..', 'fixtures', 'cost', 'require-hook.cjs')],
};

const ofSize = (mode: Mode, size: Size): Cell[] => [
  produce(mode, 1, size),
  produce(mode, 500, size),
  consume(mode, 'eachMessage', size),
  consume(mode, 'eachBatch', size),
];

/** Other modes use 100-byte values only: their cost depends on the spans, not on the values. */
export const cells: readonly Cell[] = [
  ...ofSize('metrics', 100),
  consume('metrics', 'eachBatch', 100, 'bulk'),
  ...ofSize('metrics', 1000),
  produce('off', 1, 100),
  underHook,
  consume('off', 'eachMessage', 100),
  consume('sampled', 'eachMessage', 100),
  ...ofSize('otlp', 100),
];
