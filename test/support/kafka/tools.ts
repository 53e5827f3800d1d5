import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { javaRelease } from './versions';

/** The command of an installed program, or the reason why the program cannot be used. */
export type Tool =
  | {
      readonly found: true;
      readonly command: string;
      /** The output of `java -version`. Undefined for other programs. */
      readonly version?: string;
    }
  | { readonly found: false; readonly reason: string };

const missing = (reason: string): Tool => ({ found: false, reason });

/** Brokers of Kafka 4 need this version. */
const OLDEST_JAVA = 17;

/** Looks for a Docker engine that responds and has the compose plugin. */
export async function findDocker(env: NodeJS.ProcessEnv): Promise<Tool> {
  const info = await call('docker', ['info', '--format', '{{.ServerVersion}}'], env);
  if (info.outcome === 'not found') return missing('docker: not found');
  if (info.outcome === 'failed' || info.output.trim() === '')
    return missing('docker: the engine does not respond');
  const compose = await call('docker', ['compose', 'version'], env);
  if (compose.outcome !== 'done') return missing('docker: the compose plugin is missing');
  return { found: true, command: 'docker' };
}

/** Looks for Java 17 or newer, in `JAVA_HOME` or on the PATH. */
export async function findJava(env: NodeJS.ProcessEnv): Promise<Tool> {
  if (process.platform === 'win32') return missing('java: Windows is not supported');
  const command = env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java';
  const where = env['JAVA_HOME'] ? ' in JAVA_HOME' : '';
  const version = await call(command, ['-version'], env);
  if (version.outcome === 'not found') return missing(`java: not found${where}`);
  const release = javaRelease(version.output);
  if (version.outcome === 'failed' || release === undefined)
    return missing(`java: its version cannot be read${where}`);
  if (release < OLDEST_JAVA) return missing(`java: version ${release} is too old${where}`);
  return { found: true, command, version: version.output };
}

export async function findMaven(env: NodeJS.ProcessEnv): Promise<Tool> {
  const version = await call('mvn', ['--version'], env);
  if (version.outcome === 'not found') return missing('mvn: not found');
  if (version.outcome === 'failed') return missing('mvn: `mvn --version` fails');
  return { found: true, command: 'mvn' };
}

interface Answer {
  readonly outcome: 'done' | 'failed' | 'not found';
  readonly output: string;
}

function call(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Answer> {
  return new Promise(resolve => {
    // An unreachable remote Docker engine would block for minutes without a timeout.
    execFile(command, args, { env, timeout: 15_000 }, (error, stdout, stderr) => {
      const outcome =
        error === null ? 'done' : error.code === 'ENOENT' || error.code === 'EACCES' ? 'not found' : 'failed';
      resolve({ outcome, output: stdout + stderr });
    });
  });
}
