import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark } from './benchmark';
import type { Row } from './row';

export interface Group {
  readonly benchmarks: readonly Benchmark[];
  /** Starts a broker, for example. Called only if a benchmark of the group runs. */
  readonly start?: () => Promise<Running>;
  /** Measures values other than the cost per message, for example package sizes. */
  readonly rows?: (rounds: number, onRound: (round: number) => void) => Promise<Row[]>;
}

export interface Running {
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** Loads `benchmarks.ts` from every folder that contains one. */
export async function loadGroups(): Promise<Group[]> {
  const files = readdirSync(__dirname).map(name => join(__dirname, name, 'benchmarks.ts'));
  return Promise.all(files.filter(existsSync).map(file => import(file) as Promise<Group>));
}

export async function withGroupsStarted<Result>(
  groups: readonly Group[],
  run: (env: Readonly<Record<string, string>>) => Promise<Result>,
): Promise<Result> {
  const started: Running[] = [];
  try {
    for (const group of groups) {
      const running = await group.start?.();
      if (running) started.push(running);
    }
    return await run(Object.assign({}, ...started.map(({ env }) => env)) as Record<string, string>);
  } finally {
    for (const { stop } of started.reverse()) await stop();
  }
}
