import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTopics } from '../e2e/loading/support/topics';
import { processed, sent, whole } from '../e2e/loading/support/whole';
import { startCollector, type Collector, type CollectorBehaviour } from '../support/collector';
import { confluentLab, LAB_DEADLINE_MS } from '../support/confluent';
import { otlpEnvironment, projectRoot, registerPath, startProgram, type Program } from '../support/program';
import { RUNTIMES, runtimeExecutable, runtimeOptions, type Runtime } from '../support/runtimes';

const SCOPE = '@org/kafka-otel';

/** Nothing is exported before the program ends, so all received data was flushed. */
const SLOW_EXPORT = {
  OTEL_BSP_SCHEDULE_DELAY: '60000',
  OTEL_METRIC_EXPORT_INTERVAL: '60000',
  OTEL_METRIC_EXPORT_TIMEOUT: '5000',
};

/**
 * A program that is still running after this time is killed, so its exit has another signal. On a busy machine, a start
 * takes 20 s.
 */
const DEADLINE_MS = 60_000;

const collectors: Collector[] = [];
afterEach(() => Promise.all(collectors.splice(0).map(collector => collector.close())));

interface Options {
  readonly preloads?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly behaviour?: CollectorBehaviour;
}

/**
 * Starts a program with a collector. `file` is a path in `fixtures` or an absolute path. By default, `register` is
 * preloaded with all instrumentations.
 */
async function start(
  runtime: Runtime,
  file: string,
  { preloads = [registerPath], args = [], env = {}, behaviour = 'accept' }: Options = {},
) {
  const collector = await startCollector({ behaviour });
  collectors.push(collector);
  const program = startProgram({
    node: runtimeExecutable(runtime),
    execArgv: runtimeOptions(runtime, preloads),
    file: resolve(projectRoot, 'fixtures', file),
    args,
    env: {
      ...otlpEnvironment(collector, { metrics: true }),
      ...SLOW_EXPORT,
      KAFKA_BROKERS: process.env['KAFKA_BROKERS'],
      NODE_NO_WARNINGS: '1',
      ...env,
    },
  });
  return { program, collector };
}

async function exitOf(program: Program) {
  const deadline = setTimeout(() => {
    program.kill('SIGKILL');
  }, DEADLINE_MS);
  const { code, signal } = await program.exit;
  clearTimeout(deadline);
  return { code, signal };
}

/** Removes the warnings about negative timeouts, which kafkajs causes. Deno has no variable that hides them. */
const stderrOf = ({ stderr }: Program) =>
  stderr.replace(/\(node:\d+\) TimeoutNegativeWarning: .*\nTimeout duration was set to 1\.\n/g, '');

const names = ({ spans }: Collector) => spans.map(({ name }) => name);
const ours = ({ spans }: Collector) => whole(spans.filter(({ scope }) => scope === SCOPE));

/** Returns the sum of a counter, or the number of values of a histogram, in the last export. */
function counted({ metrics }: Collector, name: string): number | undefined {
  const points = metrics.filter(metric => metric.name === name).at(-1)?.points;
  return points?.reduce((sum, { count, value }) => sum + (count ?? value), 0);
}

/** The error with which a runtime rejects the native addon of Confluent's client. */
const REFUSALS: Readonly<Record<Runtime, RegExp>> = {
  'bun@1.4.5': /compiled against a different Node.js ABI version/,
  'deno@2.9.6': /Only Node-API \(N-API\) addons are supported/,
};

describe.each(RUNTIMES)('under %s', runtime => {
  test(
    "the addon of Confluent's client is refused by the runtime, with register as without it",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'confluent-'));
      try {
        symlinkSync(join(await confluentLab(), 'node_modules'), join(folder, 'node_modules'));
        cpSync(join(projectRoot, 'fixtures/confluent/round-trip.cjs'), join(folder, 'app.cjs'));
        for (const preloads of [[], [registerPath]]) {
          const { program } = await start(runtime, join(folder, 'app.cjs'), {
            preloads,
            env: { TOPICS: '{}', NO_COLOR: '1' },
          });
          expect(await exitOf(program)).toEqual({ code: 1, signal: null });
          expect(stderrOf(program)).toMatch(REFUSALS[runtime]);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    LAB_DEADLINE_MS,
  );

  test.each(['round-trip.cjs', 'round-trip.mjs'])(
    '%s is traced and counted with nothing on stderr, and its last spans arrive',
    async file => {
      const { orders } = await createTopics(['orders']);
      const { program, collector } = await start(runtime, `runtimes/${file}`, {
        env: { TOPIC: orders.name },
      });
      expect(await exitOf(program)).toEqual({ code: 0, signal: null });
      expect(stderrOf(program)).toBe('');
      expect(program.stdout).toBe('RESULT ["hello"]\n');
      expect(ours(collector)).toEqual([sent(orders), processed(orders)]);
      expect(counted(collector, 'messaging.client.sent.messages')).toBe(1);
    },
  );

  test.each([0, 3])('a program keeps its exit code %i and sends its last spans', async code => {
    const { program, collector } = await start(runtime, 'register/span.cjs', { args: [String(code)] });
    expect(await exitOf(program)).toEqual({ code, signal: null });
    expect(names(collector)).toEqual(['work']);
  });

  test.each<CollectorBehaviour>(['refuse', 'hang', 503])(
    'a program ends with its exit code when the collector does this: %s',
    async behaviour => {
      const { program } = await start(runtime, 'register/ends-late.cjs', { behaviour, args: ['3'] });
      const done = Number((await program.line(/^done (\d+)/))[1]);
      expect(await exitOf(program)).toEqual({ code: 3, signal: null });
      expect(Date.now() - done).toBeLessThan(3_000);
      expect(stderrOf(program)).toMatch(
        /^[^\n]* the last spans(?: and metrics)? were not sent and are lost: [^\n]+\n$/,
      );
    },
  );

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends a service, and its last spans arrive', async signal => {
    const { program, collector } = await start(runtime, 'register/idle.cjs');
    await program.line('ready');
    program.kill(signal);
    expect(await exitOf(program)).toEqual({ code: null, signal });
    expect(names(collector)).toContain('served');
  });

  test.each([
    ['on', { code: 0, signal: null }],
    ['once', { code: null, signal: 'SIGTERM' }],
    ['exit', { code: 7, signal: null }],
  ])('a service shuts down after SIGTERM in its own way: %s', async (mode, expected) => {
    const { program, collector } = await start(runtime, 'register/drain.cjs', { args: [mode] });
    await program.line('ready');
    program.kill('SIGTERM');
    await program.line('drained');
    expect(await exitOf(program)).toEqual(expected);
    expect(names(collector)).toContain('drained 5');
  });

  test('a service may wait with a promisified setTimeout while it shuts down', async () => {
    const { program } = await start(runtime, 'runtimes/waits.cjs');
    await program.line('ready');
    program.kill('SIGTERM');
    expect(await exitOf(program)).toEqual({ code: 0, signal: null });
    expect(program.stdout).toBe('ready\nwaited with setTimeout\n');
  });

  test('code that counts the listeners of a signal does not count ours', async () => {
    const { program } = await start(runtime, 'runtimes/counts-listeners.cjs');
    await program.line('ready');
    program.kill('SIGTERM');
    expect(await exitOf(program)).toEqual({ code: null, signal: 'SIGTERM' });
    expect(program.stdout).toBe('ready\ncleaned up, listeners: 1\n');
  });
});

describe("with Deno's own OpenTelemetry", () => {
  test.each([
    ['an instrumentation in code', 'own-instrumentation.cjs', []],
    ['register', 'round-trip.cjs', [registerPath]],
  ])('spans and metrics of %s go to Deno', async (_what, file, preloads) => {
    const { orders } = await createTopics(['orders']);
    const { program, collector } = await start('deno@2.9.6', `runtimes/${file}`, {
      preloads,
      env: { TOPIC: orders.name, OTEL_DENO: 'true' },
    });
    expect(await exitOf(program)).toEqual({ code: 0, signal: null });
    expect(stderrOf(program)).toBe('');
    expect(ours(collector)).toEqual([sent(orders), processed(orders)]);
    // Do not check counters: their values are read in a callback, which Deno does not call at the end.
    expect(counted(collector, 'messaging.process.duration')).toBe(1);
  });
});
