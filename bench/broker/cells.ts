// What is measured on a real broker.
import { join } from 'node:path';
import type { Cell, Variant } from '../cell';

export { start } from './start';

/** Bytes of a value. */
type Size = 100 | 1000;

/** Spans and metrics are exported, to an exporter that drops them: as they are, or after it has made OTLP of them. */
type Mode = 'metrics' | 'otlp';

const VARIANTS: Readonly<Record<Mode, readonly Variant[]>> = {
  metrics: ['headerless', 'bare', 'floor', 'official', 'ours'],
  otlp: ['bare', 'floor', 'official', 'ours'],
};

/** Roughly what a sample takes to start, to warm up, to measure and to leave the broker, in seconds; single sends warm up longest. */
const COST = 3;
const COST_OF_SINGLE_SENDS = 5;

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
    cost: env['BENCH_CALL'] === '1' ? COST_OF_SINGLE_SENDS : COST,
  };
}

const produce = (mode: Mode, call: 1 | 500, size: Size): Cell =>
  cell(mode, `produce ${call} ${bytes(size)}`, 'produce', {
    BENCH_CALL: String(call),
    BENCH_VALUE: String(size),
  });

/** @param contexts - a producer context in each message (the dearest case), or one for 500 that follow each other */
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
  });

const ofSize = (mode: Mode, size: Size): Cell[] => [
  produce(mode, 1, size),
  produce(mode, 500, size),
  consume(mode, 'eachMessage', size),
  consume(mode, 'eachBatch', size),
];

/** With OTLP, 100-byte values stand for both: it is the spans that are serialised, not the values. */
export const cells: readonly Cell[] = [
  ...ofSize('metrics', 100),
  consume('metrics', 'eachBatch', 100, 'bulk'),
  ...ofSize('metrics', 1000),
  ...ofSize('otlp', 100),
];
