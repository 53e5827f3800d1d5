import type { Run } from './run';

/** The runs of one scenario. There are several if the results depend on chance. */
export interface ComparedRuns {
  readonly bare: readonly Run[];
  readonly instrumented: readonly Run[];
  /** Stderr lines that an instrumented program may write. */
  readonly warnings?: RegExp | undefined;
  /**
   * Known maximum number of deliveries without instrumentation. Used if a single bare run may have fewer deliveries.
   */
  readonly knownMost?: number | undefined;
}

/**
 * Returns everything that is worse than in the bare runs: lost messages, more redeliveries, outcomes of calls that no
 * bare run has, open spans, listeners that were not removed, or unexpected lines on stderr.
 */
export function violations(compared: ComparedRuns): string[] {
  const rules = [failures, losses, redeliveries, otherOutcomes, growth, leftovers];
  return [...new Set(rules.flatMap(rule => [...rule(compared)]))];
}

export function most(runs: readonly Run[]): number {
  const groups = runs.flatMap(({ delivered }) => Object.values(delivered));
  return Math.max(0, ...groups.map(({ most }) => most));
}

function* failures({ bare, instrumented }: ComparedRuns): Iterable<string> {
  for (const [side, runs] of [
    ['bare', bare],
    ['instrumented', instrumented],
  ] as const) {
    if (runs.length === 0) yield `no ${side} run`;
    for (const { failure } of runs) if (failure !== undefined) yield `${side}: ${failure}`;
  }
}

/** A bare run that loses messages is an error too, because a comparison with it is not valid. */
function* losses({ bare, instrumented }: ComparedRuns): Iterable<string> {
  for (const [side, runs] of [
    ['bare', bare],
    ['instrumented', instrumented],
  ] as const) {
    for (const { delivered } of runs)
      for (const [group, { missing }] of Object.entries(delivered))
        if (missing.length > 0)
          yield `${side}: ${group} did not get ${missing.length} acknowledged messages, for example ${missing[0] ?? ''}`;
  }
}

/**
 * Limits the number of deliveries to the maximum in all groups of the bare runs. All groups read the same records under
 * the same fault. A limit for each group would depend on chance, because a third delivery is rare (about 1 in 70 runs).
 */
function* redeliveries({ bare, instrumented, knownMost = 0 }: ComparedRuns): Iterable<string> {
  const bound = Math.max(most(bare), knownMost);
  for (const run of instrumented)
    for (const [group, { most: count }] of Object.entries(run.delivered))
      if (count > bound)
        yield `${group} got a message ${count} times; without instrumentation at most ${bound} times`;
}

function* otherOutcomes({ bare, instrumented }: ComparedRuns): Iterable<string> {
  const known = collect(bare);
  const seen = collect(instrumented);
  for (const name of new Set([...known.keys(), ...seen.keys()])) {
    const bares = known.get(name) ?? new Set();
    const ours = seen.get(name) ?? new Set();
    for (const outcome of ours)
      if (!bares.has(outcome)) yield `${name}: ${outcome}; bare: ${[...bares].join(' or ') || 'nothing'}`;
    if (ours.size === 0) yield `${name}: nothing; bare: ${[...bares].join(' or ')}`;
  }
}

function collect(runs: readonly Run[]): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const { outcomes } of runs)
    for (const [name, list] of Object.entries(outcomes))
      all.set(name, new Set([...(all.get(name) ?? []), ...list]));
  return all;
}

/** Allowed increase with instrumentation, by name. Only the heap size (in bytes) may vary. */
const TOLERANCE: Readonly<Record<string, number>> = { alive: 0, listeners: 0, bytesPerCycle: 4096 };

function* growth({ bare, instrumented }: ComparedRuns): Iterable<string> {
  for (const [name, tolerance] of Object.entries(TOLERANCE)) {
    const bound = Math.max(0, ...bare.map(({ figures }) => figures[name] ?? 0)) + tolerance;
    for (const { figures } of instrumented) {
      const count = figures[name] ?? 0;
      if (count > bound) yield `${name}: ${count}, more than ${bound}`;
    }
  }
}

function* leftovers({ bare, instrumented, warnings }: ComparedRuns): Iterable<string> {
  const usual = new Set(bare.map(({ left }) => JSON.stringify(left)));
  for (const { spans, running, left, stderr } of instrumented) {
    // A program without spans was not instrumented, so the comparison is not valid.
    if (!spans || spans.started === 0) yield 'no spans';
    // Only handlers that are still running may have open spans.
    else if (spans.open.length !== running)
      yield `${spans.open.length} spans open, ${running} handlers running: ${spans.open.join(', ')}`;
    else if (spans.started - spans.ended !== running)
      yield `${spans.started} spans started, ${spans.ended} ended, ${running} handlers running`;
    if (!usual.has(JSON.stringify(left))) yield `listeners left on process: ${JSON.stringify(left)}`;
    const complaints = stderr.split('\n').filter(line => line !== '' && warnings?.test(line) !== true);
    if (complaints.length > 0) yield `stderr: ${complaints[0] ?? ''}`;
  }
}
