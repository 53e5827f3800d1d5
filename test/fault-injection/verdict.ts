import type { Run } from './run';

/** The runs of one scenario; several if it is nondeterministic. */
export interface ComparedRuns {
  readonly bare: readonly Run[];
  readonly instrumented: readonly Run[];
  /** Allowed stderr lines of an instrumented program. */
  readonly warnings?: RegExp | undefined;
  /** Known maximum of deliveries with bare kafkajs, if a single run may not reach it. */
  readonly knownMost?: number | undefined;
}

/**
 * Violations in the instrumented runs: lost messages, more redeliveries than bare, outcomes that no bare run has, open spans, leaked
 * listeners, or unexpected lines on stderr.
 */
export function violations(compared: ComparedRuns): string[] {
  const rules = [failures, losses, redeliveries, otherOutcomes, growth, leftovers];
  return [...new Set(rules.flatMap(rule => [...rule(compared)]))];
}

/** Maximum number of deliveries of one message, over all groups and runs. */
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

/** A loss in a bare run is a violation too, because the comparison then proves nothing. */
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
 * The limit is the maximum over all groups of the bare runs, which read the same records under the same fault. A third delivery is so
 * rare (about 1 in 70 runs) that the limit of a single group would depend on chance.
 */
function* redeliveries({ bare, instrumented, knownMost = 0 }: ComparedRuns): Iterable<string> {
  const bound = Math.max(most(bare), knownMost);
  for (const run of instrumented)
    for (const [group, { most: count }] of Object.entries(run.delivered))
      if (count > bound) yield `${group} got a message ${count} times, bare at most ${bound} times`;
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

/** Allowed increase when instrumented: none, except noise of the heap size, in bytes. */
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
    // Without spans, the program was not instrumented and the comparison proves nothing.
    if (!spans || spans.started === 0) yield 'no spans';
    // Only handlers that still run may have open spans.
    else if (spans.open.length !== running)
      yield `${spans.open.length} spans open, ${running} handlers running: ${spans.open.join(', ')}`;
    else if (spans.started - spans.ended !== running)
      yield `${spans.started} spans started, ${spans.ended} ended, ${running} handlers running`;
    if (!usual.has(JSON.stringify(left))) yield `left on process: ${JSON.stringify(left)}`;
    const complaints = stderr.split('\n').filter(line => line !== '' && warnings?.test(line) !== true);
    if (complaints.length > 0) yield `stderr: ${complaints[0] ?? ''}`;
  }
}
