import { startProgram } from '../../support/program';

/** A small run of `npm run test:fuzz` with a fixed seed on a real Kafka: 60 programs and every added fault. */
test('generated programs write the same records to Kafka with instrumentation, and planted faults are detected', async () => {
  const fuzz = startProgram({
    file: 'test/fuzz/main.ts',
    execArgv: ['--require', 'tsx/cjs'],
    args: ['--kind', 'broker', '--broker-cases', '60', '--seed', '5'],
  });
  const { code } = await fuzz.exit;
  // On a busy machine, even two uninstrumented runs can differ, for example because of a timeout.
  expect({ code, stdout: fuzz.stdout, stderr: fuzz.stderr }).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^on the broker: 60 programs, \d{2,} records, 0 differences, [0-3] nondeterministic/m,
    ) as unknown,
    stderr: expect.any(String) as unknown,
  });
  expect(fuzz.stdout.match(/^caught on the broker by program \d+: .*$/gm)).toHaveLength(3);
});
