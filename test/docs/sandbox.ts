/**
 * A temporary folder like that of a reader, with installed packages, the files of a page, and a shell for the commands.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installPackages } from '../support/installed';
import { ROOT } from './pages';

/** Maximum duration of a command, in milliseconds. A command that takes longer is killed and fails. */
const DEADLINE_MS = 60_000;

export interface Typed {
  readonly output: string;
  readonly code: number | null;
}

export interface Sandbox {
  readonly folder: string;
  write(file: string, text: string): void;
  /**
   * Runs a line in a shell. If `isEnough` returns true for the output of a running program, the program gets SIGTERM.
   */
  type(
    line: string,
    environment: Readonly<Record<string, string>>,
    isEnough?: (output: string) => boolean,
  ): Promise<Typed>;
  remove(): void;
}

export function createSandbox(): Sandbox {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kafka-otel-docs-')));
  installPackages(folder);
  link('node_modules/@opentelemetry/auto-instrumentations-node', folder);
  link('node_modules/tsx', folder);
  link('node_modules/.bin', folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'reader', private: true }));
  return {
    folder,
    write: (file, text) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    type: (line, environment, isEnough) => type(folder, line, environment, isEnough),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function link(path: string, folder: string): void {
  symlinkSync(realpathSync(join(ROOT, path)), join(folder, path));
}

function type(
  cwd: string,
  line: string,
  environment: Readonly<Record<string, string>>,
  isEnough?: (output: string) => boolean,
): Promise<Typed> {
  // `exec` replaces the shell with the program, so the program itself gets the signal.
  const [, assignments = '', command = ''] =
    /^((?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\S)*\s+)*)(.*)$/s.exec(line) ?? [];
  const shell = spawn('bash', ['-c', `${assignments}exec ${command}`], {
    cwd,
    env: {
      HOME: cwd,
      PATH: [join(cwd, 'node_modules', '.bin'), dirname(process.execPath), process.env['PATH']].join(':'),
      // Hide warnings about negative timeouts, which kafkajs causes on newer Node.js versions.
      NODE_NO_WARNINGS: '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return untilItEnds(shell, line, isEnough);
}

function untilItEnds(
  shell: ChildProcess,
  line: string,
  isEnough: (output: string) => boolean = () => false,
): Promise<Typed> {
  let output = '';
  let isStopped = false;
  const listen = (chunk: string) => {
    output += chunk;
    if (isStopped || !isEnough(output)) return;
    isStopped = true;
    shell.kill('SIGTERM');
  };
  shell.stdout?.setEncoding('utf8').on('data', listen);
  shell.stderr?.setEncoding('utf8').on('data', listen);
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      shell.kill('SIGKILL');
      reject(new Error(`$ ${line}\ndid not exit within ${DEADLINE_MS} ms:\n${output}`));
    }, DEADLINE_MS);
    shell.once('error', reject);
    shell.once('close', code => {
      clearTimeout(deadline);
      resolve({ output, code });
    });
  });
}
