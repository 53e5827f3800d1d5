import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../../..');

/** A program of its own: jest takes unhandled rejections for itself, and they are what this is about. */
async function rejectionsOf(statements: string): Promise<string[]> {
  const program = `
    const { callAround, callWithin } = require('./src/telemetry/within.ts');
    const { ROOT_CONTEXT } = require('@opentelemetry/api');
    const unhandled = [];
    process.on('unhandledRejection', reason => unhandled.push(String(reason)));
    const fault = (_where, error) => { throw error; };
    const telemetry = { log: { fault } };
    const operation = { context: ROOT_CONTEXT, end() {}, fail() { throw new Error('ours'); } };
    const reject = () => Promise.reject('theirs');
    ${statements}
    setImmediate(() => console.log(JSON.stringify(unhandled)));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', '-e', program], {
    cwd: ROOT,
  });
  return JSON.parse(stdout) as string[];
}

describe.each(['callWithin(telemetry, () => operation, reject)', 'callAround(telemetry, operation, reject)'])(
  'the rejection that comes out of %s',
  call => {
    test('is reported once where the program does not handle it, as without us', async () => {
      await expect(rejectionsOf(`${call};`)).resolves.toEqual(['theirs']);
    });

    test('is not reported where the program does', async () => {
      await expect(rejectionsOf(`${call}.catch(() => {});`)).resolves.toEqual([]);
    });
  },
);
