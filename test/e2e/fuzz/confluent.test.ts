import { confluentLab, LAB_DEADLINE_MS } from '../../support/confluent';
import { startProgram } from '../../support/program';

// The programs load the client from the cache.
beforeAll(async () => {
  await confluentLab();
}, LAB_DEADLINE_MS);

const fuzz = (...args: string[]) =>
  startProgram({
    file: 'test/fuzz/main.ts',
    execArgv: ['--require', 'tsx/cjs'],
    args: ['--client=confluent', '--seed', '5', ...args],
  });

/** A small run of `npm run test:fuzz -- --client=confluent` with a fixed seed: 200 programs and every added fault. */
test("generated programs behave the same with Confluent's client instrumented, and planted faults are detected", async () => {
  const run = fuzz('--cases', '200', '--broker-cases', '0', '--no-figures');
  const { code } = await run.exit;
  expect({ code, stdout: run.stdout, stderr: run.stderr }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^200 programs, 0 differences, /m) as unknown,
    stderr: expect.any(String) as unknown,
  });
  const [, caught, planted] = /^(\d+) of (\d+) mutants caught$/m.exec(run.stdout) ?? [];
  expect(Number(planted)).toBeGreaterThan(20);
  expect(caught).toBe(planted);
});

/** 20 programs on a real Kafka. */
test("generated programs write the same records to Kafka with Confluent's client instrumented, and planted faults are detected", async () => {
  const run = fuzz('--kind', 'broker', '--broker-cases', '20');
  const { code } = await run.exit;
  expect({ code, stdout: run.stdout, stderr: run.stderr }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^on the broker: 20 programs, \d{2,} records, 0 differences, /m) as unknown,
    stderr: expect.any(String) as unknown,
  });
  expect(run.stdout.match(/^caught on the broker by program \d+: .*$/gm)).toHaveLength(3);
});
