import { startProgram, type ProgramOptions } from '../support/program';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, to be searched for complaints. */
  readonly output: string;
}

/** An installation over a slow line takes minutes. */
const DEADLINE_MS = 5 * 60_000;

/** Runs a JavaScript program to its end, whatever that is. */
export async function run(options: ProgramOptions): Promise<Ended> {
  const program = startProgram(options);
  const deadline = setTimeout(() => {
    program.kill('SIGKILL');
  }, DEADLINE_MS);
  const { code } = await program.exit;
  clearTimeout(deadline);
  const { stdout, stderr } = program;
  return { code, stdout, stderr, output: `${stdout}\n${stderr}` };
}

/** The same for one that must end well. */
export async function runWell(options: ProgramOptions): Promise<Ended> {
  const ended = await run(options);
  if (ended.code !== 0)
    throw new Error(
      `${[options.file, ...(options.args ?? [])].join(' ')}: exit code ${ended.code ?? 'none'}\n${ended.output}`,
    );
  return ended;
}
