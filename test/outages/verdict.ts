import type { Run } from './run';

/** The runs of one scenario, several where chance has a part in it. */
export interface Compared {
  readonly bare: readonly Run[];
  readonly instrumented: readonly Run[];
  /** What an instrumented program may write to stderr. */
  readonly warnings?: RegExp | undefined;
  /** How often bare kafkajs is known to deliver a message under this fault, where a single run may not show it. */
  readonly knownMost?: number | undefined;
}

/**
 * What the instrumented runs show that they must not: a message that was acknowledged and not consumed, or consumed more
 * often than ever without the instrumentation; an outcome that no bare run has; a span, a listener or a complaint left over.
 */
export function violations(compared: Compared): string[] {
  const rules = [fitness, losses, repeats, differences, gatherings, remains];
  return [...new Set(rules.flatMap(rule => [...rule(compared)]))];
}

/** How often the most often delivered message was delivered, over all groups and runs. */
export function most(runs: readonly Run[]): number {
  const groups = runs.flatMap(({ delivered }) => Object.values(delivered));
  return Math.max(0, ...groups.map(({ most }) => most));
}

function* fitness({ bare, instrumented }: Compared): Iterable<string> {
  for (const [side, runs] of [
    ['bare', bare],
    ['instrumented', instrumented],
  ] as const) {
    if (runs.length === 0) yield `no ${side} run`;
    for (const { failure } of runs) if (failure !== undefined) yield `${side}: ${failure}`;
  }
}

/** A loss in a bare run is no fault of ours, but then the run proves nothing. */
function* losses({ bare, instrumented }: Compared): Iterable<string> {
  for (const [side, runs] of [
    ['bare', bare],
    ['instrumented', instrumented],
  ] as const) {
    for (const { delivered } of runs)
      for (const [group, { missing }] of Object.entries(delivered))
        if (missing.length > 0)
          yield `${side}: ${group} never got ${missing.length} acknowledged messages, like ${missing[0] ?? ''}`;
  }
}

/**
 * All groups of the bare runs set the bound: they read the same records under the same fault, and a third delivery is so rare
 * there (about one run in seventy) that five runs of one group alone would say more of chance than of us.
 */
function* repeats({ bare, instrumented, knownMost = 0 }: Compared): Iterable<string> {
  const bound = Math.max(most(bare), knownMost);
  for (const run of instrumented)
    for (const [group, { most: count }] of Object.entries(run.delivered))
      if (count > bound) yield `${group} got a message ${count} times, bare ${bound} times at most`;
}

function* differences({ bare, instrumented }: Compared): Iterable<string> {
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

/** What a program may count more of when instrumented: nothing but noise of the heap, in bytes. */
const SLACK: Readonly<Record<string, number>> = { alive: 0, listeners: 0, bytesPerCycle: 4096 };

function* gatherings({ bare, instrumented }: Compared): Iterable<string> {
  for (const [name, slack] of Object.entries(SLACK)) {
    const bound = Math.max(0, ...bare.map(({ figures }) => figures[name] ?? 0)) + slack;
    for (const { figures } of instrumented) {
      const count = figures[name] ?? 0;
      if (count > bound) yield `${name}: ${count}, more than ${bound}`;
    }
  }
}

function* remains({ bare, instrumented, warnings }: Compared): Iterable<string> {
  const usual = new Set(bare.map(({ left }) => JSON.stringify(left)));
  for (const { spans, running, left, stderr } of instrumented) {
    // Without spans, the program was not instrumented, and all else is vacuous.
    if (!spans || spans.started === 0) yield 'no spans';
    // A handler that still runs has a span that is still open, and nothing else has.
    else if (spans.open.length !== running)
      yield `${spans.open.length} spans open, ${running} handlers running: ${spans.open.join(', ')}`;
    else if (spans.started - spans.ended !== running)
      yield `${spans.started} spans started, ${spans.ended} ended, ${running} handlers running`;
    if (!usual.has(JSON.stringify(left))) yield `left on process: ${JSON.stringify(left)}`;
    const complaints = stderr.split('\n').filter(line => line !== '' && warnings?.test(line) !== true);
    if (complaints.length > 0) yield `stderr: ${complaints[0] ?? ''}`;
  }
}
