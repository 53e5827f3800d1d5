import { readPage } from '../docs/pages';
import type { Program } from '../support/program';
import { expectTraces, shape, startDemo, tracesOf } from './demo-run';
import { leftBehind, suffixIn } from './demo-topics';

/** Long enough for three services, an embedded PostgreSQL and the demo to start on a busy machine. */
const WITHIN = 150_000;
jest.setTimeout(WITHIN + 30_000);

/** The demos mostly wait, so they run at the same time. */
let wholeDemo: Program;
let brokenDemo: Program;
beforeAll(() => {
  wholeDemo = startDemo([]);
  brokenDemo = startDemo(['--within', '10'], { OTEL_INSTRUMENTATION_KAFKA_PROPAGATION: 'false' });
});

test('the demo prints complete traces over three services, one of them failed, and deletes its topics and groups', async () => {
  const demo = wholeDemo;
  const { code } = await demo.exit;
  expect({ code, stderr: demo.stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('Stopping') as string,
  });

  const suffix = suffixIn(demo);
  const [one = '', declined = ''] = tracesOf(demo);
  expectTraces(one, declined);
  const shown = readPage('README.md').fences.filter(({ text }) => text.startsWith('trace '));
  expect(shown.map(({ text }) => shape(text))).toEqual([shape(one)]);
  expect(one).toMatch(/topic orders · partition \d · offset \d+ · links to send orders\n/);
  expect(one).toContain('INSERT INTO payments');
  // stdout is not a terminal, so there are no colours.
  expect(demo.stdout).not.toContain('\u001B');
  expect(await leftBehind(suffix)).toEqual([]);
});

test('a trace that is broken between services ends the demo with the reason and the partial trace', async () => {
  const demo = brokenDemo;
  const { code } = await demo.exit;
  expect({ code, stdout: demo.stdout }).toEqual({
    code: 1,
    stdout: expect.stringContaining('send orders') as string,
  });
  expect(demo.stderr).toMatch(
    /The demo failed: the trace of an order was not complete within 10 s: the trace of "send orders\S*" has no span "process orders\S*" of payment-worker\n/,
  );
  expect(await leftBehind(suffixIn(demo))).toEqual([]);
});

test('without a reachable Kafka, the demo fails with one sentence', async () => {
  const demo = startDemo([], { KAFKA_BROKERS: '127.0.0.1:1' });
  const { code } = await demo.exit;
  expect({ code, stdout: demo.stdout }).toEqual({ code: 1, stdout: '' });
  expect(demo.stderr).toMatch(
    /The demo failed: Kafka does not answer on 127\.0\.0\.1:1 \(.*ECONNREFUSED.*\)\. Start Kafka, or set KAFKA_BROKERS=host:port to use another one\.\n/,
  );
});

test('wrong arguments have a different exit code than a broken trace', async () => {
  const demo = startDemo(['--kep']);
  const { code } = await demo.exit;
  expect(code).toBe(2);
  expect(demo.stderr).toContain('--help');
});
