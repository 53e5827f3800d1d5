// Stores the results of every finished round on disk. A round measures all variants of a benchmark once. A full run
// takes an hour and a half, so an interrupted run must be able to continue.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Round } from './rounds';

const root = join(__dirname, '..');

interface Line {
  readonly benchmark: string;
  readonly round: Round;
}

/** Stores rounds separately for each build, version of the bench code and Node.js version. */
export class RoundStore {
  readonly #file: string;
  readonly #rounds = new Map<string, Round[]>();

  /**
   * @param settings - other settings that influence the results
   * @param resumes - true keeps the rounds of an earlier or concurrent run, false deletes them
   */
  constructor(settings: string, resumes: boolean) {
    const folder = join(root, '.cache', 'bench');
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, `${fingerprint(settings)}.jsonl`);
    if (!resumes) rmSync(this.#file, { force: true });
    if (!existsSync(this.#file)) return;
    for (const text of readFileSync(this.#file, 'utf8').trim().split('\n')) {
      const { benchmark, round } = JSON.parse(text) as Line;
      this.#of(benchmark).push(round);
    }
  }

  of(benchmark: string): readonly Round[] {
    return this.#of(benchmark);
  }

  add(benchmark: string, round: Round): void {
    this.#of(benchmark).push(round);
    appendFileSync(this.#file, `${JSON.stringify({ benchmark, round } satisfies Line)}\n`);
  }

  #of(benchmark: string): Round[] {
    const known = this.#rounds.get(benchmark) ?? [];
    this.#rounds.set(benchmark, known);
    return known;
  }
}

function fingerprint(settings: string): string {
  const hash = createHash('sha256').update(`${process.version} ${settings}`);
  for (const file of [...filesIn('dist', '.js'), ...filesIn('bench', '.cjs')])
    hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending))
    .sort()
    .map(name => join(root, folder, name));
