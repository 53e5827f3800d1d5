import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { numbersIn, onCore } from '../../../bench/cores';
import { takeTurns } from '../../../bench/turns';

/** A program that prints a line for every millisecond of its CPU time, up to a given number. */
const BUSY = `
  let said = 0;
  let before = process.cpuUsage();
  while (said < Number(process.argv[1])) {
    const { user, system } = process.cpuUsage(before);
    if (user + system < 1000) continue;
    before = process.cpuUsage();
    process.stdout.write(String(process.hrtime.bigint() / 1000n) + '\\n');
    said++;
  }`;

function busy(milliseconds: number) {
  const child = spawn(process.execPath, ['--eval', BUSY, String(milliseconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => (text += String(piece)));
  const times = new Promise<number[]>(resolve => {
    child.once('close', () => {
      resolve(text.trim().split('\n').map(Number));
    });
  });
  return { child, times };
}

describe('processes that take turns', () => {
  it('never run at the same time for long, and all end', async () => {
    const started = [busy(200), busy(200)];
    await takeTurns(started.map(({ child }) => child));
    const [one = [], other = []] = await Promise.all(started.map(({ times }) => times));
    expect([one.length, other.length]).toEqual([200, 200]);
    // If the two programs ran at the same time, their lines would alternate.
    const lines = [...one.map(at => ({ at, who: 1 })), ...other.map(at => ({ at, who: 2 }))];
    lines.sort((earlier, later) => earlier.at - later.at);
    const changes = lines.filter(({ who }, index) => index > 0 && who !== lines[index - 1]?.who).length;
    expect(changes).toBeGreaterThan(2);
    expect(changes).toBeLessThan(100);
  });

  it('need not have started', async () => {
    const child = spawn(process.execPath, { cwd: join(__dirname, 'nowhere') });
    child.on('error', () => undefined);
    await expect(takeTurns([child])).resolves.toBeUndefined();
  });
});

test('a list of processor cores may contain ranges', () => {
  expect(numbersIn('0,2-4,9')).toEqual([0, 2, 3, 4, 9]);
});

test('a command may run on any core, unless one is chosen', () => {
  expect(onCore(undefined, ['node', 'a.js'])).toEqual(['node', 'a.js']);
  expect(onCore(1, ['node', 'a.js'])).toEqual(['taskset', '--cpu-list', '1', 'node', 'a.js']);
});
