import { spawn, type ChildProcess } from 'node:child_process';
import { nameOf, type Benchmark, type Sample, type Variant } from './benchmark';
import { onCore } from './cores';
import { takeTurns } from './turns';

/** Maximum duration of a measuring process, in milliseconds. A slower process probably hangs, so it is killed. */
const DEADLINE = 180_000;

export interface SampleOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Measure allocated bytes instead of time. */
  readonly countsAllocation?: boolean;
  readonly execArgv?: readonly string[];
  /** Path of the Node.js executable. Default: the executable of this process. */
  readonly node?: string;
  /** CPU core to run on. Default: any. */
  readonly core?: number | undefined;
}

export async function runSample(
  benchmark: Benchmark,
  variant: Variant,
  options: SampleOptions,
): Promise<Sample> {
  return startSample(benchmark, variant, options).sample;
}

/**
 * Measures each variant in its own process. The processes alternate on one CPU core, so that their CPU times are
 * comparable. Their wall times are removed, because a process also waits for the others.
 */
export async function runInTurns(
  benchmark: Benchmark,
  variants: readonly Variant[],
  options: SampleOptions,
): Promise<Readonly<Partial<Record<Variant, Sample>>>> {
  const started = variants.map(variant => ({ variant, ...startSample(benchmark, variant, options) }));
  try {
    const [samples] = await Promise.all([
      Promise.all(
        started.map(async ({ variant, sample }) => [variant, withoutWallTime(await sample)] as const),
      ),
      takeTurns(started.map(({ child }) => child)),
    ]);
    return Object.fromEntries(samples);
  } finally {
    // If one process fails, the results of the others are useless. Stop them.
    for (const { child } of started) child.kill('SIGKILL');
  }
}

function withoutWallTime(sample: Sample): Sample {
  const { wall, delay, ...others } = sample;
  return wall === undefined && delay === undefined ? sample : others;
}

interface Started {
  readonly child: ChildProcess;
  readonly sample: Promise<Sample>;
}

function startSample(benchmark: Benchmark, variant: Variant, options: SampleOptions): Started {
  const { env, countsAllocation = false, execArgv = [], node = process.execPath, core } = options;
  const [command = node, ...argv] = onCore(core, [
    node,
    ...(benchmark.execArgv ?? []),
    ...execArgv,
    ...(countsAllocation ? (benchmark.allocationArgv ?? []) : []),
    benchmark.file,
  ]);
  const child = spawn(command, argv, {
    env: {
      ...process.env,
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      NODE_NO_WARNINGS: '1',
      ...env,
      ...benchmark.env,
      ...otherBuild(variant),
      ...(countsAllocation ? { BENCH_ALLOCATION: '1' } : {}),
      BENCH_VARIANT: variant === 'other' ? 'ours' : variant,
      BENCH_MODE: benchmark.mode,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE,
    // A process that SIGSTOP has stopped does not react to SIGTERM.
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const read = async () => {
    const code = await closed;
    const line = (await stdout).split('\n').find(text => text.startsWith('{'));
    if (code !== 0 || line === undefined)
      throw new Error(
        `The process that measures ${nameOf(benchmark)} (${variant}) gave no result. Its exit code: ${String(code)}. Its errors:\n${await stderr}`,
      );
    return JSON.parse(line) as Sample;
  };
  return { child, sample: read() };
}

/** The variant `other` measures the build in `BENCH_OTHER` instead of the current build. */
function otherBuild(variant: Variant): Record<string, string> {
  if (variant !== 'other') return {};
  const { BENCH_OTHER } = process.env;
  if (BENCH_OTHER === undefined)
    throw new Error(
      'The variant "other" measures another build of this package. Set BENCH_OTHER to the dist folder of that build',
    );
  return { BENCH_OURS: BENCH_OTHER };
}

async function textOf(stream: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}
