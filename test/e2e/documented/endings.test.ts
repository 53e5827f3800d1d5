import { startCollector, type Collector } from '../../support/collector';
import { otlpEnvironment, registerAlone, startProgram, type Program } from '../../support/program';
import { createTopics, testKafka } from '../../support/topics';

let collector: Collector;

beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.close());

/** Starts the example. Waits until a message was handled and, with instrumentation, its span was exported. */
async function startExample(isInstrumented: boolean) {
  const { example: topic } = await createTopics({ example: 1 });
  const send = async (value: string) => {
    const producer = testKafka().producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ key: 'key', value }] });
    await producer.disconnect();
  };
  const program = startProgram({
    file: 'fixtures/documented/endings.cjs',
    execArgv: isInstrumented ? registerAlone : [],
    env: { ...otlpEnvironment(collector), TOPIC: topic, NODE_NO_WARNINGS: '1' },
  });
  await send('first');
  await program.line('handles 0');
  if (isInstrumented) await collector.waitForSpan(`process ${topic}`);
  return { program, send };
}

interface Way {
  readonly leave: (program: Program, send: (value: string) => Promise<void>) => unknown;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const signalled = (signal: NodeJS.Signals): Way => ({
  leave: program => {
    program.kill(signal);
  },
  code: null,
  signal,
});
const failed = (value: string): Way => ({ leave: (_program, send) => send(value), code: 3, signal: null });

test.each([
  ['on SIGTERM', signalled('SIGTERM')],
  ['on an unhandled rejection', failed('reject')],
  ['on an uncaught exception', failed('throw')],
])('a consumer disconnects and leaves its group %s', async (_way, { leave, ...exit }) => {
  const [bare, instrumented] = await Promise.all(
    [false, true].map(async isInstrumented => {
      const { program, send } = await startExample(isInstrumented);
      await leave(program, send);
      const { code, signal } = await program.exit;
      return { code, signal, stdout: program.stdout, stderr: program.stderr };
    }),
  );
  expect(bare).toEqual({
    ...exit,
    stdout: expect.stringMatching(/disconnected\n$/) as string,
    stderr: '',
  });
  expect(instrumented).toEqual(bare);
});
