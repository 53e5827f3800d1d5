import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from './cell';
import type { Row } from './row';

/** What `bench/<group>/cells.ts` exports. */
export interface Group {
  readonly cells: readonly Cell[];
  /** Starts what the group's samples need, for example a broker. Called only if a cell of the group runs. */
  readonly start?: () => Promise<Running>;
  /** Measures figures that are not costs per message. */
  readonly rows?: (rounds: number, onRound: (round: number) => void) => Promise<Row[]>;
}

export interface Running {
  /** Environment variables for the samples. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** Loads `cells.ts` of every folder that has one. */
export async function loadGroups(): Promise<Group[]> {
  const files = readdirSync(__dirname).map(name => join(__dirname, name, 'cells.ts'));
  return Promise.all(files.filter(existsSync).map(file => import(file) as Promise<Group>));
}

/** Starts what these groups need, calls `run`, and stops it again. */
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
