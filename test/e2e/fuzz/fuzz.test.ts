import { startProgram } from '../../support/program';

/** A small run of `npm run test:fuzz` with a fixed seed: 300 programs and every added fault. */
test('generated programs behave the same with instrumentation, and planted faults are detected', async () => {
  const fuzz = startProgram({
    file: 'test/fuzz/main.ts',
    execArgv: ['--require', 'tsx/cjs'],
    args: ['--cases', '300', '--broker-cases', '0', '--seed', '5', '--no-figures'],
  });
  const { code } = await fuzz.exit;
  expect({ code, stdout: fuzz.stdout, stderr: fuzz.stderr }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^300 programs, 0 differences, /m) as unknown,
    stderr: expect.any(String) as unknown,
  });
  const [, caught, planted] = /^(\d+) of (\d+) mutants caught$/m.exec(fuzz.stdout) ?? [];
  expect(Number(planted)).toBeGreaterThan(20);
  expect(caught).toBe(planted);
});
