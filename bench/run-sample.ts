import { spawn, type ChildProcess } from 'node:child_process';
import { nameOf, type Cell, type Sample, type Variant } from './cell';
import { onCore } from './cores';
import { takeTurns } from './turns';

/** Nothing that is measured takes this long; a sample that does has hung. */
const DEADLINE = 180_000;

export interface SampleOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Count allocated bytes instead of time. */
  readonly countsAllocation?: boolean;
  /** Further flags of Node.js. */
  readonly execArgv?: readonly string[];
  /** The executable of Node.js; default the one that runs this. */
  readonly node?: string;
  /** The processor core to run on; default any. */
  readonly core?: number | undefined;
}

/** Runs one sample in a process of its own, and reads what it prints. */
export async function runSample(cell: Cell, variant: Variant, options: SampleOptions): Promise<Sample> {
  return startSample(cell, variant, options).sample;
}

/**
 * One sample of each of these variants: they run in turns, so that what they cost can be compared. What the clock tells is left
 * out, as it tells how long the others took.
 */
export async function runInTurns(
  cell: Cell,
  variants: readonly Variant[],
  options: SampleOptions,
): Promise<Readonly<Partial<Record<Variant, Sample>>>> {
  const started = variants.map(variant => ({ variant, ...startSample(cell, variant, options) }));
  try {
    const [samples] = await Promise.all([
      Promise.all(started.map(async ({ variant, sample }) => [variant, withoutClock(await sample)] as const)),
      takeTurns(started.map(({ child }) => child)),
    ]);
    return Object.fromEntries(samples);
  } finally {
    // Where one has failed, the others measure for nobody.
    for (const { child } of started) child.kill('SIGKILL');
  }
}

function withoutClock(sample: Sample): Sample {
  const { wall, delay, ...others } = sample;
  return wall === undefined && delay === undefined ? sample : others;
}

interface Started {
  readonly child: ChildProcess;
  readonly sample: Promise<Sample>;
}

function startSample(cell: Cell, variant: Variant, options: SampleOptions): Started {
  const { env, countsAllocation = false, execArgv = [], node = process.execPath, core } = options;
  const [command = node, ...argv] = onCore(core, [
    node,
    ...(cell.execArgv ?? []),
    ...execArgv,
    ...(countsAllocation ? (cell.allocationArgv ?? []) : []),
    cell.file,
  ]);
  const child = spawn(command, argv, {
    env: {
      ...process.env,
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      NODE_NO_WARNINGS: '1',
      ...env,
      ...cell.env,
      ...otherBuild(variant),
      ...(countsAllocation ? { BENCH_ALLOCATION: '1' } : {}),
      BENCH_VARIANT: variant === 'other' ? 'ours' : variant,
      BENCH_MODE: cell.mode,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE,
    // It may be stopped, and would not see another.
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
      throw new Error(`${nameOf(cell)} (${variant}) ended with ${String(code)}:\n${await stderr}`);
    return JSON.parse(line) as Sample;
  };
  return { child, sample: read() };
}

/** The same programs, with another build in the place of this one. */
function otherBuild(variant: Variant): Record<string, string> {
  if (variant !== 'other') return {};
  const { BENCH_OTHER } = process.env;
  if (BENCH_OTHER === undefined) throw new Error('BENCH_OTHER must name the folder of the other build');
  return { BENCH_OURS: BENCH_OTHER };
}

async function textOf(stream: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}
