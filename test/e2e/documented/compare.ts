import type { ReceivedSpan } from '../../support/otlp';
import { runToEnd, type FinishedRun } from '../../support/run-to-end';
import { createTopics } from '../../support/topics';
import { masked, masks, traceHeaders, type Mask, type RunFacts } from './differences';

type MaskName = keyof typeof masks;

export interface Scene {
  /**
   * What the documentation of kafkajs promises. Everything else is only compared between instrumented and bare runs.
   */
  readonly seen: object;
  /** The spans of the scene, by the first word of their names. */
  readonly traced: readonly string[];
}

export interface Themes {
  /** Files in `fixtures/documented/` that run in one process. */
  readonly themes: readonly string[];
  /** Number of partitions of each topic. */
  readonly topics: Readonly<Record<string, number>>;
  /** Values that differ between two bare runs. */
  readonly differsIn: readonly MaskName[];
  /**
   * Values that can be equal by chance, such as a single duration. The test of another theme proves that they differ.
   */
  readonly mayDifferIn?: readonly MaskName[];
  readonly scenes: Readonly<Record<string, Scene>>;
}

interface Run extends RunFacts, FinishedRun {}

/** Runs the scenes twice bare and once instrumented. Compares the results. */
export function compareRuns({ themes, topics, differsIn, mayDifferIn = [], scenes }: Themes): void {
  let bare: Run;
  let again: Run;
  let instrumented: Run;

  beforeAll(async () => {
    // Create the topics one after another, because a broker may reject requests for a topic that was just created.
    const [first, second, third] = [
      await createTopics(topics),
      await createTopics(topics),
      await createTopics(topics),
    ];
    [bare, again, instrumented] = await Promise.all([
      run(themes, first, []),
      run(themes, second, []),
      run(themes, third, ['--require', './fixtures/tracing.cjs']),
    ]);
  });

  const leftOut = [...differsIn, ...mayDifferIn];
  const common = leftOut.map(name => masks[name]);
  const seenBy = ({ reported, ...facts }: Run, applied: readonly Mask[] = common) =>
    masked(reported, facts, applied);

  test.each(Object.entries(scenes))('%s', (name, { seen, traced }) => {
    const without = seenBy(bare)[name];
    expect(without).toMatchObject(seen);
    expect(seenBy(instrumented, [...common, traceHeaders])[name]).toEqual(without);
    expect(operations(instrumented.spans, name)).toEqual(traced);
  });

  test('all scenes ran, and stderr is empty', () => {
    for (const { reported, stderr } of [bare, again, instrumented])
      expect({ played: Object.keys(reported).sort(), stderr }).toEqual({
        played: Object.keys(scenes).sort(),
        stderr: '',
      });
  });

  test('two bare runs have the same masked results', () => {
    expect(seenBy(again)).toEqual(seenBy(bare));
  });

  test.each(differsIn)('two bare runs differ if %s is not masked', left => {
    const others = leftOut.filter(name => name !== left).map(name => masks[name]);
    expect(seenBy(again, others)).not.toEqual(seenBy(bare, others));
  });

  test('an instrumented run differs from a bare one if trace headers are not masked', () => {
    expect(seenBy(instrumented)).not.toEqual(seenBy(bare));
  });
}

async function run(
  themes: readonly string[],
  topics: Readonly<Record<string, string>>,
  execArgv: readonly string[],
): Promise<Run> {
  const [[role, topic] = ['', '']] = Object.entries(topics);
  const began = Date.now();
  const ended = await runToEnd({
    file: 'fixtures/documented/stage.cjs',
    execArgv,
    topics,
    // Metrics are exported only once, at the exit.
    metrics: execArgv.length > 0,
    env: {
      THEMES: themes.join(','),
      OTEL_METRIC_EXPORT_INTERVAL: '60000',
      OTEL_METRIC_EXPORT_TIMEOUT: '60000',
      OTEL_LOG_LEVEL: 'warn',
    },
  });
  return { ...ended, began, suffix: topic.slice(role.length + 1) };
}

function operations(spans: readonly ReceivedSpan[], clientId: string): string[] {
  const own = spans.filter(({ attributes }) => attributes['messaging.client.id'] === clientId);
  return [...new Set(own.map(({ name }) => name.replace(/ .*/, '')))].sort();
}
