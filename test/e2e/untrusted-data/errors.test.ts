import { runToEnd, type FinishedRun } from '../../support/run-to-end';
import { createTopics } from '../../support/topics';

let bare: FinishedRun;
let instrumented: FinishedRun;

beforeAll(async () => {
  const { strange, bareOnes } = await createTopics({ strange: 1, bareOnes: 1 });
  const file = 'fixtures/untrusted-data/errors.cjs';
  bare = await runToEnd({ file, execArgv: [], topics: { strange: bareOnes } });
  instrumented = await runToEnd({
    file,
    execArgv: ['--require', './fixtures/tracing.cjs'],
    topics: { strange },
    env: { OTEL_LOG_LEVEL: 'warn' },
  });
});

test('kafkajs treats any value thrown by a handler as without instrumentation', () => {
  expect(Object.keys(bare.reported).length).toBeGreaterThan(12);
  expect(bare.reported).toMatchObject({ inherited: 0, untouchable: { attempts: 2 } });
  expect(instrumented.reported).toEqual(bare.reported);
  expect(instrumented.stderr).toBe('');
});

test('each attempt has a failed span of bounded size', () => {
  const attempts = Object.values(bare.reported).flatMap(
    outcome => (outcome as { attempts?: number }).attempts ?? [],
  );
  const failed = instrumented.spans.filter(({ kind }) => kind === 'CONSUMER');
  expect(failed).toHaveLength(attempts.reduce((sum, count) => sum + count, 0));
  for (const { status, events } of failed) {
    expect(status.code).toBe('ERROR');
    expect(events.map(({ name }) => name)).toEqual(['exception']);
    expect(JSON.stringify(events[0]?.attributes).length).toBeLessThan(2 * 16_384 + 500);
  }
});
