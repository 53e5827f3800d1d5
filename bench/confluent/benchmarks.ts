// The benchmarks of Confluent's client on a real broker, with the same workloads as kafkajs. Run them with
// `--client=confluent`.
import { join } from 'node:path';
import { confluentEnvironment, confluentLab } from '../../test/support/confluent';
import type { Benchmark } from '../benchmark';
import { start as startBroker } from '../broker/start';
import type { Running } from '../groups';

function benchmark(path: string, file: string, cost: number, env: Record<string, string>): Benchmark {
  return {
    group: 'confluent',
    path: `${path} 100 B`,
    mode: 'metrics',
    client: 'confluent',
    // The official instrumentation does not support Confluent's client.
    variants: ['bare', 'floor', 'ours'],
    file: join(__dirname, '..', file),
    env: { BENCH_CLIENT: 'confluent', ...env },
    cost,
  };
}

const produce = (call: number): Benchmark =>
  benchmark(`produce ${call}`, 'broker/produce.cjs', 5, { BENCH_CALL: `${call}` });

const consume = (path: string, env: Record<string, string>): Benchmark =>
  benchmark(path, 'confluent/consume.cjs', 5, {
    // librdkafka fetches in bursts, so the default duration would cover only a few bursts.
    BENCH_DURATION: '1000',
    // V8 compiles code late if the code runs only once per batch. After the default warm-up, the cost of `eachBatch`
    // was still falling, by 20 %.
    BENCH_WARM_UP: '3000',
    ...env,
  });

export const benchmarks: readonly Benchmark[] = [
  produce(1),
  produce(500),
  consume('eachMessage', { BENCH_HANDLER: 'eachMessage' }),
  // A batch has at most 32 messages. Each message has its own trace, so the span of the batch has 32 links.
  consume('eachBatch', { BENCH_HANDLER: 'eachBatch' }),
  // 500 consecutive messages share one trace context, as if one call sent them.
  consume('eachBatch bulk', { BENCH_HANDLER: 'eachBatch', BENCH_CONTEXTS: 'bulk' }),
  consume('eachBatch of 1000', { BENCH_HANDLER: 'eachBatch', BENCH_MAX_BATCH: '1000' }),
];

export async function start(): Promise<Running> {
  const client = confluentEnvironment(await confluentLab());
  const { env, stop } = await startBroker();
  return { env: { ...env, ...client }, stop };
}
