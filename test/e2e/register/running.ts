import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector, type Collector } from '../../support/collector';
import {
  otlpEnvironment,
  projectRoot,
  registerPath,
  startProgram,
  type ProgramOptions,
} from '../../support/program';

export const preload = ['--require', registerPath];

/** Helps to run programs under `register`. Each test gets its own collector and temporary folders. */
export function useRegister() {
  const folders: string[] = [];
  let collector: Collector;
  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(async () => {
    await collector.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  const run = async (options: ProgramOptions) => {
    const program = startProgram({ ...options, env: { ...otlpEnvironment(collector), ...options.env } });
    const exit = await program.exit;
    return { ...exit, stdout: program.stdout, stderr: program.stderr };
  };
  return {
    run,
    /** The spans that have been received until now. */
    received: () => collector.spans,
    stateOf: async (options: Omit<ProgramOptions, 'file'>): Promise<unknown> => {
      const file = join(projectRoot, 'fixtures/register/state.cjs');
      const { stdout } = await run({ execArgv: preload, ...options, file });
      return JSON.parse(stdout);
    },
    temporaryFolder: () => {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), 'register-')));
      folders.push(folder);
      return folder;
    },
  };
}
