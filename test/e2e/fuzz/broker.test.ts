import { startProgram } from '../../support/program';

/** The small form of what `npm run test:fuzz` does with a real Kafka, always the same: 60 programs, and every planted fault. */
test('a real Kafka holds the same records after generated programs, and other ones after a fault', async () => {
  const fuzz = startProgram({
    file: 'test/fuzz/main.ts',
    execArgv: ['--require', 'tsx/cjs'],
    args: ['--kind', 'broker', '--broker-cases', '60', '--seed', '5'],
  });
  const { code } = await fuzz.exit;
  // On a busy machine bare kafkajs may differ from itself, by a timeout for instance.
  expect({ code, said: fuzz.stdout, complained: fuzz.stderr }).toEqual({
    code: 0,
    said: expect.stringMatching(
      /^on the broker: 60 programs, \d{2,} records, 0 differences, [0-3] nondeterministic/m,
    ) as unknown,
    complained: expect.any(String) as unknown,
  });
  expect(fuzz.stdout.match(/^caught on the broker by program \d+: .*$/gm)).toHaveLength(3);
});
