import { startCollector, type Collector, type CollectorBehaviour } from '../../support/collector';
import { otlpEnvironment, registerAlone, registerPath, startProgram } from '../../support/program';

// Nothing is exported before the program ends, so all received data was flushed. With the usual interval of 200 ms, an
// export on a slow machine would be retried again and again, which keeps the program alive.
const SLOW_EXPORT = {
  OTEL_BSP_SCHEDULE_DELAY: '60000',
  OTEL_BLRP_SCHEDULE_DELAY: '60000',
  OTEL_METRIC_EXPORT_INTERVAL: '60000',
};
/**
 * Time that a busy machine may add to a promised time, in milliseconds. Shorter than the difference between two
 * promised times.
 */
const SLACK_MS = 1_500;

/** The files of the SDK and of all instrumentations, as a program installs them. The other tests load bundled files. */
const asInstalled = { execArgv: ['--require', registerPath], env: { NODE_OPTIONS: undefined } };

// Most of these programs wait for a time limit or a signal, so they run at the same time. Each has its own collector.
const collectors: Collector[] = [];
afterAll(() => Promise.all(collectors.map(collector => collector.close())));

async function newCollector(behaviour: CollectorBehaviour = 'accept'): Promise<Collector> {
  const collector = await startCollector({ behaviour });
  collectors.push(collector);
  return collector;
}

interface FixtureOptions {
  readonly execArgv?: readonly string[];
  readonly args?: readonly string[];
  readonly behaviour?: CollectorBehaviour;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly metrics?: boolean;
}

async function startFixture(
  file: string,
  { args = [], execArgv = registerAlone, behaviour, env = {}, metrics = false }: FixtureOptions = {},
) {
  const collector = await newCollector(behaviour);
  const program = startProgram({
    file: `fixtures/register/${file}`,
    args,
    execArgv,
    env: { ...otlpEnvironment(collector, { metrics, logs: metrics }), ...SLOW_EXPORT, ...env },
  });
  return { program, collector, names: () => namesIn(collector) };
}

/**
 * Runs a fixture until stderr matches, at most four times. On a busy machine, the collector may answer too late. The
 * program then reports that it got no answer.
 */
async function runUntilStderr(line: RegExp, ...fixture: Parameters<typeof startFixture>) {
  for (let attempt = 1; ; attempt++) {
    const { program, collector } = await startFixture(...fixture);
    const exit = await program.exit;
    if (attempt === 4 || line.test(program.stderr)) return { exit, collector, stderr: program.stderr };
  }
}

/** A busy machine can only make a run slower, so the fastest of at most four runs must be within the limit. */
async function expectWithin(limitMs: number, tookMs: () => Promise<number>): Promise<void> {
  let fastest = Infinity;
  for (let attempt = 0; attempt < 4 && fastest >= limitMs; attempt++)
    fastest = Math.min(fastest, await tookMs());
  expect(fastest).toBeLessThan(limitMs);
}

const namesIn = (collector: Collector) => collector.spans.map(span => span.name);
const numberIn = (match: RegExpMatchArray) => Number(match[1]);

describe('a program that is done', () => {
  test.concurrent.each([0, 3])('sends its last spans and keeps its exit code %i', async code => {
    const { program, names } = await startFixture('span.cjs', { args: [String(code)] });
    expect(await program.exit).toMatchObject({ code, signal: null });
    expect(names()).toEqual(['work']);
  });

  test.concurrent('has its own beforeExit listeners called as often as without us', async () => {
    const { program } = await startFixture('span.cjs');
    await program.exit;
    expect(program.stdout).toMatch(/^worked\nbefore exit\nexit 0 \d+\n$/);
  });

  test.concurrent(
    'may do more work in beforeExit, for as long as it takes, and that is sent as well',
    async () => {
      const { program, names } = await startFixture('before-exit.cjs');
      expect(await program.exit).toMatchObject({ code: 0, signal: null });
      expect(program.stdout).toBe(
        'beforeExit 1\ndisconnected 1\nbeforeExit 2\ndisconnected 2\nbeforeExit 3\n',
      );
      expect(names()).toEqual(['disconnect 1', 'disconnect 2']);
    },
  );

  test.concurrent('sends its last metrics and log records too', async () => {
    const { program, collector } = await startFixture('signals.cjs', {
      ...asInstalled,
      metrics: true,
    });
    expect(await program.exit).toMatchObject({ code: 0 });
    expect(collector.logs).toEqual([expect.objectContaining({ body: 'said' })]);
    expect(collector.metrics).toContainEqual(
      expect.objectContaining({ name: 'jobs', points: [expect.objectContaining({ value: 1 })] }),
    );
  });

  test.concurrent.each<CollectorBehaviour>(['refuse', 'hang', 500, 503])(
    'ends within a second with its exit code when the collector does this: %s',
    async behaviour => {
      await expectWithin(1_000 + SLACK_MS, async () => {
        const { program } = await startFixture('ends-late.cjs', {
          ...asInstalled,
          behaviour,
          args: ['3'],
          metrics: true,
        });
        const done = numberIn(await program.line(/^done (\d+)/));
        expect(await program.exit).toMatchObject({ code: 3, signal: null });
        return Date.now() - done;
      });
    },
  );

  test.concurrent.each<CollectorBehaviour>(['refuse', 'hang', 503])(
    'waits for an export that was under way when the work ended no longer than the exporter does: %s',
    async behaviour => {
      await expectWithin(2_000 + 1_000 + SLACK_MS, async () => {
        const { program, collector } = await startFixture('ends-late.cjs', {
          behaviour,
          args: ['0', '1500'],
          env: { OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_EXPORTER_OTLP_TIMEOUT: '2000' },
        });
        const done = numberIn(await program.line(/^done (\d+)/));
        await program.exit;
        expect(collector.requests.length).toBeGreaterThan(behaviour === 'refuse' ? -1 : 0);
        return Date.now() - done;
      });
    },
  );

  test.concurrent.each<[CollectorBehaviour, RegExp]>([
    [
      'refuse',
      /^[^\n]* last spans were not sent and are lost: http:\S+\/v1\/traces: connect ECONNREFUSED [\d.:]+\. Check the [^\n]+\n$/,
    ],
    [
      'hang',
      /^[^\n]* last spans were not sent and are lost: no answer from http:\S+\/v1\/traces\. Check the [^\n]+\n$/,
    ],
    [
      401,
      /^[^\n]* last spans were not sent and are lost: http:\S+\/v1\/traces answered 401 Unauthorized\. Check the [^\n]+\n$/,
    ],
    [
      404,
      /^[^\n]* last spans were not sent and are lost: http:\S+\/v1\/traces answered 404 Not Found\. Check the [^\n]+\n$/,
    ],
    [
      503,
      /^[^\n]* last spans were not sent and are lost: http:\S+\/v1\/traces answered 503 Service Unavailable\. Check the [^\n]+\n$/,
    ],
  ])('says in one line on stderr what was not sent, where and why: %s', async (behaviour, line) => {
    const { exit, collector, stderr } = await runUntilStderr(line, 'span.cjs', { behaviour });
    expect(exit).toMatchObject({ code: 0 });
    expect(stderr).toMatch(line);
    expect(stderr).toContain(collector.url);
  });

  test.concurrent('names metrics that were not sent, if only they are exported', async () => {
    // The SDK logs that it exports no spans.
    const line =
      /^(?:[^\n]+ OTEL_TRACES_EXPORTER contains "none"\. [^\n]+\n)?[^\n]* last metrics were not sent and are lost: http:\S+\/v1\/metrics answered 404 Not Found\. Check the [^\n]+\n$/;
    const { exit, collector, stderr } = await runUntilStderr(line, 'signals.cjs', {
      behaviour: 404,
      metrics: true,
      env: { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    });
    expect(exit).toMatchObject({ code: 0 });
    expect(stderr).toMatch(line);
    expect(stderr).toContain(collector.url);
  });

  test.concurrent('names log records that were not sent', async () => {
    const line =
      /^[^\n]* last log records were not sent and are lost: http:\S+\/v1\/logs answered 503 Service Unavailable\. Check the [^\n]+\n$/;
    const { stderr } = await runUntilStderr(line, 'signals.cjs', {
      behaviour: 503,
      metrics: true,
      // On a slow machine, a metric reader would log a timeout.
      env: { OTEL_METRICS_EXPORTER: 'none' },
    });
    expect(stderr).toMatch(line);
  });

  test.concurrent('ends although something reports our exports in beforeExit, over HTTP itself', async () => {
    const { program, collector } = await startFixture('reports-requests.cjs', {
      ...asInstalled,
      metrics: true,
    });
    expect(await program.exit).toMatchObject({ code: 0, signal: null });
    expect(collector.requests.filter(path => path === '/report').length).toBeLessThanOrEqual(3);
    expect(program.stdout).toBe('worked\n');
  });

  test.concurrent('that calls process.exit() ends there and then', async () => {
    const { program } = await startFixture('span.cjs', { behaviour: 'hang', args: ['4', 'exit'] });
    expect(await program.exit).toMatchObject({ code: 4, signal: null });
    expect(program.stdout).toMatch(/^worked\nexit 4 \d+\n$/);
  });

  test.concurrent('dies of an uncaught exception with the same code and the same words', async () => {
    const bare = startProgram({ file: 'fixtures/register/throws.cjs' });
    const { program } = await startFixture('throws.cjs');
    expect([await bare.exit, await program.exit]).toMatchObject([{ code: 1 }, { code: 1 }]);
    expect(program.stderr).toBe(bare.stderr);
  });

  test.concurrent('that recorded nothing ends at once, even if the collector hangs', async () => {
    const collector = await newCollector('hang');
    const env = otlpEnvironment(collector, { metrics: true, logs: true });
    const script = 'process.on("exit", () => console.log("exit")); console.log(`done ${Date.now()}`)';
    // The limit for a program that recorded something is one second.
    await expectWithin(1_000, async () => {
      const program = startProgram({ args: ['-e', script], execArgv: registerAlone, env });
      const done = numberIn(await program.line(/^done (\d+)/));
      expect(await program.exit).toMatchObject({ code: 0 });
      return Date.now() - done;
    });
  });

  test.concurrent('that waits for a promise for ever keeps its exit code 13', async () => {
    const { program } = await startFixture('never-settles.mjs');
    expect(await program.exit).toMatchObject({ code: 13, signal: null });
  });
});

describe('a signal that the application does not listen to', () => {
  test.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends the process by that signal, with its spans sent',
    async signal => {
      const { program, names } = await startFixture('idle.cjs', asInstalled);
      await program.line('ready');
      program.kill(signal);
      expect(await program.exit).toMatchObject({ code: null, signal });
      expect(names()).toEqual(['served']);
      expect(program.stderr).toBe('');
    },
  );

  test.concurrent.each<CollectorBehaviour>(['refuse', 'hang', 503])(
    'ends it within three seconds when the collector does this: %s',
    async behaviour => {
      await expectWithin(3_000 + SLACK_MS, async () => {
        const { program } = await startFixture('idle.cjs', { behaviour });
        await program.line('ready');
        const sent = Date.now();
        program.kill('SIGTERM');
        expect(await program.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
        return Date.now() - sent;
      });
    },
  );

  test.concurrent('ends it at once when it is sent a second time', async () => {
    await expectWithin(SLACK_MS, async () => {
      const { program, collector } = await startFixture('idle.cjs', { behaviour: 'hang' });
      await program.line('ready');
      program.kill('SIGTERM');
      await collector.waitFor('the flush to begin', () => collector.requests.length > 0);
      const sent = Date.now();
      program.kill('SIGTERM');
      expect(await program.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
      return Date.now() - sent;
    });
  });

  test.concurrent(
    'ends a process on which signals have no effect, as on PID 1, with the code of the signal',
    async () => {
      const collector = await newCollector();
      const program = startProgram({
        file: 'fixtures/register/idle.cjs',
        execArgv: ['--require', './fixtures/register/kill-has-no-effect.cjs', ...registerAlone],
        env: { ...otlpEnvironment(collector), ...SLOW_EXPORT },
      });
      await program.line('ready');
      program.kill('SIGTERM');
      expect(await program.exit).toMatchObject({ code: 143, signal: null });
      expect(namesIn(collector)).toEqual(['served']);
    },
  );

  test.concurrent('is still the end after the work is over, and of nothing else', async () => {
    const { program } = await startFixture('ends-late.cjs', { args: ['0', '60000'] });
    await program.line('started');
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(program.stdout).not.toMatch('done');
  });
});

describe('a signal that the application listens to', () => {
  const all = Array.from({ length: 10 }, (_, step) => `drained ${step + 1}`);

  test.concurrent.each([
    ['on', { code: 0, signal: null }],
    ['once', { code: null, signal: 'SIGTERM' }],
    ['prepended', { code: null, signal: 'SIGTERM' }],
  ])('lets an application that listens with "%s" drain fully, and sends all of it', async (how, end) => {
    const { program, names } = await startFixture('drain.cjs', { args: [how] });
    await program.line('ready');
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject(end);
    expect(program.stdout).toBe('ready\ndrained\n');
    expect(names()).toEqual(all);
  });

  test.concurrent('does not keep an application that has drained, even if the collector hangs', async () => {
    await expectWithin(1_000 + SLACK_MS, async () => {
      const { program } = await startFixture('drain.cjs', { args: ['on'], behaviour: 'hang', metrics: true });
      await program.line('ready');
      program.kill('SIGTERM');
      await program.line('drained');
      const drained = Date.now();
      expect(await program.exit).toMatchObject({ code: 0, signal: null });
      return Date.now() - drained;
    });
  });

  test.concurrent('is heard by a listener that was there before us, too', async () => {
    const collector = await newCollector();
    const program = startProgram({
      args: ['-e', 'setInterval(() => {}, 1000); console.log("ready")'],
      execArgv: ['--require', './fixtures/register/listens-once.cjs', ...registerAlone],
      env: otlpEnvironment(collector),
    });
    await program.line('ready');
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 9, signal: null });
    expect(program.stdout).toBe('ready\nheard\ndone\n');
  });

  test.concurrent(
    'has its telemetry sent while the application drains, as it may end through process.exit()',
    async () => {
      const { program, names } = await startFixture('drain.cjs', { args: ['exit'] });
      await program.line('ready');
      program.kill('SIGTERM');
      expect(await program.exit).toMatchObject({ code: 7, signal: null });
      expect(names().length).toBeGreaterThanOrEqual(5);
      expect(names()).toEqual(all.slice(0, names().length));
    },
  );

  test.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
    '%s is counted as the only one by a listener that then ends the process, as signal-exit does',
    async signal => {
      const { program } = await startFixture('counts-listeners.cjs');
      await program.line('ready');
      program.kill(signal);
      expect(await program.exit).toMatchObject({ code: null, signal });
      expect(program.stdout).toBe('ready\ncleaned up\n');
    },
  );

  test.concurrent('is left to an application that listens beside such a listener', async () => {
    const { program, names } = await startFixture('counts-listeners.cjs', { args: ['listens'] });
    await program.line('ready');
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0, signal: null });
    expect(program.stdout).toBe('ready\n');
    expect(names()).toEqual(['drained']);
  });

  test.concurrent(
    'reaches a listener that was added while the one before it ran, and then ends the process',
    async () => {
      const { program } = await startFixture('listens-anew.cjs');
      await program.line('ready');
      program.kill('SIGTERM');
      await program.line('first');
      program.kill('SIGTERM');
      await program.line('second');
      program.kill('SIGTERM');
      expect(await program.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    },
  );

  test.concurrent(
    'is emitted, seen and heard as without us, by hand and through a process.emit of its own',
    async () => {
      const bare = startProgram({ file: 'fixtures/register/own-emit.cjs' });
      const { program } = await startFixture('own-emit.cjs');
      expect(await bare.exit).toMatchObject({ code: 0 });
      expect(await program.exit).toMatchObject({ code: 0 });
      expect(program.stdout).toBe(bare.stdout);
      expect(bare.stdout).toContain('emitted without a listener: false\n');
    },
  );
});
