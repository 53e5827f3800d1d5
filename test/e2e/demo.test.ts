import { Kafka, logLevel } from 'kafkajs';
import { readPage } from '../docs/pages';
import { startProgram, projectRoot, type Program } from '../support/program';
import { join } from 'node:path';

/** Three services, an embedded PostgreSQL and the demo itself, on a machine that may be busy. */
const WITHIN = 150_000;
jest.setTimeout(WITHIN + 30_000);

const tsx = join(projectRoot, 'node_modules', 'tsx', 'dist', 'cli.mjs');

const startDemo = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Program => startProgram({ file: tsx, args: [join('demo', 'main.ts'), ...args], env });

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

/** Topics and groups that a demo has made on the broker, by the suffix of its orders topic. */
async function leftBehind(suffix: string): Promise<string[]> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
    return [...topics, ...groups.map(({ groupId }) => groupId)].filter(name => name.endsWith(suffix));
  } finally {
    await admin.disconnect();
  }
}

const suffixIn = (program: Program): string => /topic orders(-demo-\w+)/.exec(program.stdout)?.[1] ?? 'none';

test('the demo prints whole traces over three services, one of them failed, and leaves nothing behind', async () => {
  const demo = startDemo([]);
  const { code } = await demo.exit;
  expect({ code, stderr: demo.stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('Stopping') as string,
  });

  const suffix = suffixIn(demo);
  const [one = '', declined = ''] = demo.stdout
    .replaceAll(suffix, '')
    .split(/\n(?=trace )/)
    .slice(1);
  const shape = (tree: string) =>
    tree
      .split('\n')
      .slice(1)
      .map(line =>
        line
          .replace(/\d+\.\d+ m?s.*/, '')
          .trimEnd()
          .replace(/ {2,}(?=[a-z])/g, '  '),
      )
      .filter(line => /(server|producer|consumer|client)$/.test(line) || line.includes('✖'));
  expect(shape(one)).toEqual([
    'POST  order-api  server',
    '└─ send orders  order-api  producer',
    '   └─ process orders  payment-worker  consumer',
    '      ├─ pg.query:INSERT postgres  payment-worker  client',
    '      └─ send receipts  payment-worker  producer',
    '         └─ process receipts  receipt-mailer  consumer',
  ]);
  expect(shape(declined)).toEqual([
    'POST  order-api  server',
    '└─ send orders  order-api  producer',
    '   ├─ process orders  payment-worker  consumer',
    '   │     ✖ Error: card declined for lamp',
    '   └─ process orders  payment-worker  consumer',
    '      └─ send orders-dead-letters  payment-worker  producer',
  ]);
  const shown = readPage('README.md').fences.filter(({ text }) => text.startsWith('trace '));
  expect(shown.map(({ text }) => shape(text))).toEqual([one, declined].map(shape));
  expect(one).toMatch(/topic orders · partition \d · offset \d+ · links to send orders\n/);
  expect(one).toContain('INSERT INTO payments');
  // Not a terminal, so no colours.
  expect(demo.stdout).not.toContain('\u001B');
  expect(await leftBehind(suffix)).toEqual([]);
});

test('a trace that breaks between the services ends the demo with the reason, and what there is of the trace', async () => {
  const demo = startDemo(['--within', '5'], { OTEL_INSTRUMENTATION_KAFKAJS_PROPAGATION: 'false' });
  const { code } = await demo.exit;
  expect({ code, stdout: demo.stdout }).toEqual({
    code: 1,
    stdout: expect.stringContaining('send orders') as string,
  });
  expect(demo.stderr).toMatch(
    /The demo failed: a trace is incomplete 5 s after its order: no "process orders\S*" of payment-worker is in the trace of "send orders\S*"\n/,
  );
  expect(await leftBehind(suffixIn(demo))).toEqual([]);
});

test('with --keep the demo shows the trace of each further order, until Ctrl-C', async () => {
  const demo = startDemo(['--keep'], { FORCE_COLOR: '1' });
  const [, url = ''] = await demo.line(/^ {2}curl .* (http:\S+\/orders)$/, WITHIN);
  await fetch(url, { method: 'POST', body: JSON.stringify({ item: 'cup', amount: 1, card: 'declined' }) });
  await demo.line(/✖ Error: card declined for cup/);
  await demo.line(/^A new order whose card is declined$/);
  demo.kill('SIGINT');
  expect(await demo.exit).toMatchObject({ code: 0, signal: null });
  expect(demo.stdout).toContain('\u001B[31m✖ Error: card declined for cup');
  expect(await leftBehind(suffixIn(demo))).toEqual([]);
});

test('without a Kafka that answers the demo fails with one sentence', async () => {
  const demo = startDemo([], { KAFKA_BROKERS: '127.0.0.1:1' });
  const { code } = await demo.exit;
  expect({ code, stdout: demo.stdout }).toEqual({ code: 1, stdout: '' });
  expect(demo.stderr).toMatch(
    /The demo failed: no Kafka answers on 127\.0\.0\.1:1 \(.*ECONNREFUSED.*\): start it, or set KAFKA_BROKERS=host:port to another one\n/,
  );
});

test('wrong usage is told apart from a broken trace', async () => {
  const demo = startDemo(['--kep']);
  const { code } = await demo.exit;
  expect(code).toBe(2);
  expect(demo.stderr).toContain('--help');
});
