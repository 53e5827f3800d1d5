import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../../../support/kafka/guard';
import { parentProcess } from '../../../support/kafka/parent-process';
import { folderPerTest } from './tools';

const folder = folderPerTest();

/** A guard whose clean-up removes a folder that exists now. */
function guarded(command: string[]): { process: ReturnType<typeof guard>; data: string; log: string } {
  const [data, log] = [join(folder(), "it's data"), join(folder(), 'log')];
  mkdirSync(data);
  return { process: guard({ command, cleanup: ['rm', '-rf', data], log }), data, log };
}

test('a command that ends by itself gives its status and output, and its data stays', async () => {
  const { process, data, log } = guarded(['sh', '-c', 'echo out; echo err >&2; exit 7']);
  expect(await process.exited).toBe(7);
  expect(readFileSync(log, 'utf8')).toBe('out\nerr\n');
  expect(existsSync(data)).toBe(true);
});

test('words reach the command unchanged, whatever a shell would read in them', async () => {
  const { process, log } = guarded(['printf', '%s|', "it's", 'a  b', '$HOME', '`id`', '', '*']);
  expect(await process.exited).toBe(0);
  expect(readFileSync(log, 'utf8')).toBe("it's|a  b|$HOME|`id`||*|");
});

test('stop kills the command and has its data removed when it returns', async () => {
  const { process, data } = guarded(['sleep', '1000']);
  await process.stop();
  expect(existsSync(data)).toBe(false);
  expect(await process.exited).toBe(128 + 9);
});

test('stop after the command has ended is harmless', async () => {
  const { process } = guarded(['true']);
  await process.exited;
  await expect(process.stop()).resolves.toBeUndefined();
});

test('a signal goes to the command, and its data stays', async () => {
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

const pidOf = async (says: Promise<string>): Promise<number> => Number((await says).slice('pid '.length));
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
  'a parent whose process group gets %s dies of it, and takes command and data along',
  async signal => {
    mkdirSync(join(folder(), 'data'));
    const program = parent('');
    const pid = await pidOf(program.says(/pid \d+/));
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
  ['comes to its end after release', 'process_.release();', 0],
])('a parent that %s takes command and data along', async (_, then, status) => {
  mkdirSync(join(folder(), 'data'));
  const program = parent(then);
  const pid = await pidOf(program.says(/pid \d+/));
  expect(await program.ended).toBe(status);
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(join(folder(), 'data'))).toBe(false);
});

test('a command that ends at once never leaves its guard waiting', async () => {
  const log = join(folder(), 'log');
  const statuses = await Promise.all(
    Array.from({ length: 40 }, () => guard({ command: ['true'], cleanup: ['true'], log }).exited),
  );
  expect(statuses).toEqual(Array(40).fill(0));
});
