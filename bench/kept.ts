// A run takes an hour and a half. Its rounds are kept as they come, so that one which was interrupted goes on where it was.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Round } from './rounds';

const root = join(__dirname, '..');

interface Line {
  readonly cell: string;
  readonly round: Round;
}

/** The rounds of what is measured now: of another build, bench or Node.js there are others. */
export class KeptRounds {
  readonly #file: string;
  readonly #rounds = new Map<string, Round[]>();

  /**
   * @param settings - whatever else the figures depend on
   * @param resumes - whether to take up what an earlier run, or one beside this, has measured, rather than to begin anew
   */
  constructor(settings: string, resumes: boolean) {
    const folder = join(root, '.cache', 'bench');
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, `${subject(settings)}.jsonl`);
    if (!resumes) rmSync(this.#file, { force: true });
    if (!existsSync(this.#file)) return;
    for (const text of readFileSync(this.#file, 'utf8').trim().split('\n')) {
      const { cell, round } = JSON.parse(text) as Line;
      this.#of(cell).push(round);
    }
  }

  of(cell: string): readonly Round[] {
    return this.#of(cell);
  }

  add(cell: string, round: Round): void {
    this.#of(cell).push(round);
    appendFileSync(this.#file, `${JSON.stringify({ cell, round } satisfies Line)}\n`);
  }

  #of(cell: string): Round[] {
    const known = this.#rounds.get(cell) ?? [];
    this.#rounds.set(cell, known);
    return known;
  }
}

function subject(settings: string): string {
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
