import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../../../support/kafka/guard';
import { parentProcess } from '../../../support/kafka/parent-process';
import { folderPerTest } from './tools';

const folder = folderPerTest();

/** Starts a guarded command whose clean-up removes a folder. */
function guarded(command: string[]): { process: ReturnType<typeof guard>; data: string; log: string } {
  const [data, log] = [join(folder(), "it's data"), join(folder(), 'log')];
  mkdirSync(data);
  return { process: guard({ command, cleanup: ['rm', '-rf', data], log }), data, log };
}

test('a command that exits by itself reports its status and output, and the clean-up does not run', async () => {
  const { process, data, log } = guarded(['sh', '-c', 'echo out; echo err >&2; exit 7']);
  expect(await process.exited).toBe(7);
  expect(readFileSync(log, 'utf8')).toBe('out\nerr\n');
  expect(existsSync(data)).toBe(true);
});

test('arguments reach the command unchanged, including shell metacharacters', async () => {
  const { process, log } = guarded(['printf', '%s|', "it's", 'a  b', '$HOME', '`id`', '', '*']);
  expect(await process.exited).toBe(0);
  expect(readFileSync(log, 'utf8')).toBe("it's|a  b|$HOME|`id`||*|");
});

test('stop kills the command and runs the clean-up before it resolves', async () => {
  const { process, data } = guarded(['sleep', '1000']);
  await process.stop();
  expect(existsSync(data)).toBe(false);
  expect(await process.exited).toBe(128 + 9);
});

test('stop resolves after the command has already exited', async () => {
  const { process } = guarded(['true']);
  await process.exited;
  await expect(process.stop()).resolves.toBeUndefined();
});

test('a signal ends the command, and the clean-up does not run', async () => {
  const { process, data } = guarded(['sleep', '1000']);
  process.signal('SIGTERM');
  expect(await process.exited).toBe(128 + 15);
  expect(existsSync(data)).toBe(true);
});

const parent = (then: string): ReturnType<typeof parentProcess> =>
  parentProcess(
    `const { guard } = require('./test/support/kafka/guard');
     const { followLog } = require('./test/support/kafka/log');
     const [folder, log] = [process.env.FOLDER, process.env.LOG];
     const process_ = guard({ command: ['sh', '-c', 'echo pid $$; exec sleep 1000'], cleanup: ['rm', '-rf', folder], log });
     require('node:fs').writeFileSync(log, '', { flag: 'a' });
     const unfollow = followLog(log, text => {
       if (!text.includes('pid')) return;
       setImmediate(() => unfollow());
       process.stdout.write(text);
       ${then}
     });`,
    { ...process.env, FOLDER: join(folder(), 'data'), LOG: join(folder(), 'log') },
  );

const pidOf = async (output: Promise<string>): Promise<number> => Number((await output).slice('pid '.length));
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
  'when %s ends the process group of the parent, the command is killed and the data removed',
  async signal => {
    mkdirSync(join(folder(), 'data'));
    const program = parent('');
    const pid = await pidOf(program.output(/pid \d+/));
    expect(isAlive(pid)).toBe(true);
    process.kill(-program.pid, signal);
    expect(await program.ended).toBe(signal);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(folder(), 'data'))).toBe(false);
    expect(await program.stderr).toBe('');
  },
);

test.each([
  ['exits', 'process.exit(3);', 3],
  ['throws', 'throw new Error("expected by the test");', 1],
  ['has nothing left to do after release', 'process_.release();', 0],
])('when the parent %s, the command is killed and the data removed', async (_, then, status) => {
  mkdirSync(join(folder(), 'data'));
  const program = parent(then);
  const pid = await pidOf(program.output(/pid \d+/));
  expect(await program.ended).toBe(status);
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(join(folder(), 'data'))).toBe(false);
});

test('the guard of a command that exits at once never hangs', async () => {
  const log = join(folder(), 'log');
  const statuses = await Promise.all(
    Array.from({ length: 40 }, () => guard({ command: ['true'], cleanup: ['true'], log }).exited),
  );
  expect(statuses).toEqual(Array(40).fill(0));
});
