import type { Fault } from '../../fault-injection/fault';
import { violationsOf } from './violations';

const fault: Fault = {
  scenarios: [
    {
      name: 'planted',
      program: 'too-large',
      telemetry: { NODE_OPTIONS: '--require ./fixtures/fault-injection/planted.cjs' },
      warnings: /no headers are added/,
    },
  ],
};

test('the checks find an instrumentation that repeats messages, drops errors, leaks and writes warnings', async () => {
  const { planted } = await violationsOf(fault);
  expect(planted).toEqual([
    expect.stringMatching(/^small got a message 2 times; without instrumentation at most 1 times/),
    expect.stringMatching(
      /^plain: too large: resolved; bare: rejected KafkaJSProtocolError MESSAGE_TOO_LARGE/,
    ),
    expect.stringMatching(/^plain: too large again: resolved/),
    expect.stringMatching(/^idempotent: too large: resolved/),
    expect.stringMatching(/^idempotent: too large again: resolved/),
    expect.stringMatching(/^1 spans open, 0 handlers running: never ended/),
    expect.stringMatching(/^listeners left on process: \{"SIGUSR2":3\}/),
    'stderr: a complaint',
  ]);
});
