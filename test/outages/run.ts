import type { Program } from '../support/program';

/** How often the messages that were promised to a group reached it. */
export interface Delivered {
  readonly acked: number;
  readonly missing: readonly string[];
  readonly total: number;
  /** The deliveries of the message that was delivered most often. */
  readonly most: number;
}

/** The spans of an instrumented program at its exit. */
export interface SpanCount {
  readonly started: number;
  readonly ended: number;
  /** Names of those that never ended. */
  readonly open: readonly string[];
}

/** What one run of one program came to. */
export interface Run {
  /** Why the program did not come to its end, or not to a good one. */
  readonly failure?: string;
  /** What became of each kind of call: every different outcome once. */
  readonly outcomes: Readonly<Record<string, readonly string[]>>;
  readonly delivered: Readonly<Record<string, Delivered>>;
  /** Listeners on `process` that the program's clients left behind, by event. */
  readonly left: Readonly<Record<string, number>>;
  /** Handlers that have not settled when the program ends. */
  readonly running: number;
  /** What a program counted, in any unit of its own. */
  readonly figures: Readonly<Record<string, number>>;
  /** From its last word to its exit, in milliseconds. */
  readonly leaving?: number;
  /** Only of an instrumented program. */
  readonly spans?: SpanCount;
  readonly stderr: string;
}

const EXIT_WITHIN = 10_000;
const DELIVERED = 'delivered ';

/** Follows a program to its last word and its exit, which must come by itself. */
export async function follow(program: Program, deadline: number): Promise<Run> {
  let failure: string | undefined;
  let leaving: number | undefined;
  try {
    await program.line(/^done$/, deadline);
    const saidAll = performance.now();
    const exit = await Promise.race([program.exit, overdue(EXIT_WITHIN)]);
    leaving = performance.now() - saidAll;
    if (exit === undefined) failure = `has not ended ${EXIT_WITHIN} ms after its last word`;
    else if (exit.code !== 0) failure = `ended with ${exit.signal ?? `code ${String(exit.code)}`}`;
  } catch (error) {
    failure = String(error);
  }
  if (failure !== undefined) {
    program.kill('SIGKILL');
    await program.exit;
  }
  return {
    ...read(program),
    ...(leaving === undefined ? {} : { leaving }),
    ...(failure === undefined ? {} : { failure }),
  };
}

function overdue(ms: number): Promise<undefined> {
  return new Promise(resolve => {
    setTimeout(resolve, ms, undefined).unref();
  });
}

function read({ stdout, stderr }: Program): Run {
  const lines = stdout.split('\n').filter(line => line.startsWith('{'));
  const said = Object.assign({}, ...lines.map(line => JSON.parse(line) as object)) as Said;
  const { outcomes = {}, left = {}, running = 0, figures = {}, spans } = said;
  const delivered = Object.entries(said)
    .filter(([name]) => name.startsWith(DELIVERED))
    .map(([name, value]) => [name.slice(DELIVERED.length), value as Delivered]);
  return {
    outcomes,
    delivered: Object.fromEntries(delivered) as Run['delivered'],
    left,
    running,
    figures,
    ...(spans ? { spans } : {}),
    stderr,
  };
}

type Said = Partial<Omit<Run, 'delivered' | 'stderr' | 'failure'>> & Record<string, unknown>;
