import type { Program } from '../support/program';

/** How a consumer group received the acknowledged messages. */
export interface Deliveries {
  readonly acked: number;
  readonly missing: readonly string[];
  readonly total: number;
  /** The largest number of deliveries of one message. */
  readonly most: number;
}

/** Spans of an instrumented program when it exits. */
export interface SpanCount {
  readonly started: number;
  readonly ended: number;
  /** Names of the spans that never ended. */
  readonly open: readonly string[];
}

/** The result of one run of a program. */
export interface Run {
  /** Why the program failed or was killed. */
  readonly failure?: string;
  /** The different outcomes of each kind of call. */
  readonly outcomes: Readonly<Record<string, readonly string[]>>;
  readonly delivered: Readonly<Record<string, Deliveries>>;
  /** Number of listeners on `process` that the clients of the program did not remove, by event. */
  readonly left: Readonly<Record<string, number>>;
  /** Number of handlers that are still running at the end of the program. */
  readonly running: number;
  /** Other numbers that the program prints. */
  readonly figures: Readonly<Record<string, number>>;
  /** Time from the line `done` to the exit, in milliseconds. */
  readonly leaving?: number;
  /** Only for instrumented programs. */
  readonly spans?: SpanCount;
  readonly stderr: string;
}

const EXIT_TIMEOUT = 10_000;
const DELIVERED = 'delivered ';

/** Waits until a program prints `done` and exits by itself. */
export async function follow(program: Program, deadline: number): Promise<Run> {
  let failure: string | undefined;
  let leaving: number | undefined;
  try {
    await program.line(/^done$/, deadline);
    const doneAt = performance.now();
    const exit = await Promise.race([program.exit, timeout(EXIT_TIMEOUT)]);
    leaving = performance.now() - doneAt;
    if (exit === undefined) failure = `did not exit within ${EXIT_TIMEOUT} ms after "done"`;
    else if (exit.code !== 0) failure = `exited with ${exit.signal ?? `code ${String(exit.code)}`}`;
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

function timeout(ms: number): Promise<undefined> {
  return new Promise(resolve => {
    setTimeout(resolve, ms, undefined).unref();
  });
}

function read({ stdout, stderr }: Program): Run {
  const lines = stdout.split('\n').filter(line => line.startsWith('{'));
  const output = Object.assign({}, ...lines.map(line => JSON.parse(line) as object)) as Output;
  const { outcomes = {}, left = {}, running = 0, figures = {}, spans } = output;
  const delivered = Object.entries(output)
    .filter(([name]) => name.startsWith(DELIVERED))
    .map(([name, value]) => [name.slice(DELIVERED.length), value as Deliveries]);
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

type Output = Partial<Omit<Run, 'delivered' | 'stderr' | 'failure'>> & Record<string, unknown>;
