import { spawn } from 'node:child_process';
import { nameOf, type Cell, type Sample, type Variant } from './cell';

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
}

/** Runs one sample in a process of its own, and reads what it prints. */
export async function runSample(cell: Cell, variant: Variant, options: SampleOptions): Promise<Sample> {
  const { env, countsAllocation = false, execArgv = [], node = process.execPath } = options;
  const argv = [
    ...(cell.execArgv ?? []),
    ...execArgv,
    ...(countsAllocation ? (cell.allocationArgv ?? []) : []),
  ];
  const child = spawn(node, [...argv, cell.file], {
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
  });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const line = (await stdout).split('\n').find(text => text.startsWith('{'));
  if (code !== 0 || line === undefined)
    throw new Error(`${nameOf(cell)} (${variant}) ended with ${String(code)}:\n${await stderr}`);
  return JSON.parse(line) as Sample;
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
