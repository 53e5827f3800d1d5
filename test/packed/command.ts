import { startProgram, type ProgramOptions } from '../support/program';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Output of stdout and stderr together. */
  readonly output: string;
}

/** Long enough for an installation over a slow network. */
const DEADLINE_MS = 5 * 60_000;

/** Runs a JavaScript program until it exits with any exit code. */
export async function run(options: ProgramOptions): Promise<CommandResult> {
  const program = startProgram(options);
  const deadline = setTimeout(() => {
    program.kill('SIGKILL');
  }, DEADLINE_MS);
  const { code } = await program.exit;
  clearTimeout(deadline);
  const { stdout, stderr } = program;
  return { code, stdout, stderr, output: `${stdout}\n${stderr}` };
}

/** Runs a JavaScript program. @throws Error if its exit code is not 0 */
export async function runSuccessfully(options: ProgramOptions): Promise<CommandResult> {
  const ended = await run(options);
  if (ended.code !== 0)
    throw new Error(
      `${[options.file, ...(options.args ?? [])].join(' ')}: exit code ${ended.code ?? 'none'}\n${ended.output}`,
    );
  return ended;
}
