import { join } from 'node:path';
import type { Benchmark, Variant } from '../benchmark';
import { runSample } from '../run-sample';
import { rotated } from './rotated';
import { estimatedRow, type Row } from '../row';

const VARIANTS: readonly Variant[] = ['bare', 'official', 'ours'];
const CLIENTS = ['producer', 'consumer'] as const;

export async function memoryRows(rounds: number, onRound: (round: number) => void): Promise<Row[]> {
  const taken = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const client of CLIENTS) {
      const held = new Map<Variant, number>();
      for (const variant of rotated(VARIANTS, round)) {
        const { bytes } = await runSample(benchmarkOf(client), variant, { env: {} });
        if (bytes !== undefined) held.set(variant, bytes);
      }
      const bare = held.get('bare') ?? NaN;
      for (const [variant, bytes] of held) {
        const what =
          variant === 'bare'
            ? `heap of an idle ${client}, bare`
            : `${variant === 'ours' ? 'this package' : 'the official one'} adds to an idle ${client}`;
        const values = taken.get(what) ?? [];
        values.push(variant === 'bare' ? bytes : bytes - bare);
        taken.set(what, values);
      }
    }
    onRound(round);
  }
  return (
    await Promise.all([...taken].sort().map(([what, values]) => estimatedRow(what, 'bytes', values)))
  ).flat();
}

const benchmarkOf = (client: string): Benchmark => ({
  group: 'startup',
  path: client,
  mode: 'metrics',
  variants: VARIANTS,
  file: join(__dirname, 'clients.cjs'),
  // The clients never connect, so no broker is needed.
  env: { BENCH_CLIENT: client, BENCH_BROKERS: '127.0.0.1:9092' },
  execArgv: ['--expose-gc'],
  cost: 1,
});
