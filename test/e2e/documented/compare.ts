import type { ReceivedSpan } from '../../support/otlp';
import { runToEnd, type FinishedRun } from '../../support/run-to-end';
import { createTopics } from '../../support/topics';
import { masked, masks, traceHeaders, type Mask, type RunFacts } from './differences';

type MaskName = keyof typeof masks;

export interface Scene {
  /** What kafkajs's documentation promises of it, as far as it goes; an instrumented run must agree with a bare one on all. */
  readonly seen: object;
  /** The kinds of spans that the scene makes, by the first word of their names. */
  readonly traced: readonly string[];
}

export interface Themes {
  /** Files of `fixtures/documented/`, played by one process. */
  readonly themes: readonly string[];
  /** The topics that the scenes name, with their partitions. */
  readonly topics: Readonly<Record<string, number>>;
  /** What two bare runs differ in. */
  readonly differsIn: readonly MaskName[];
  /** What they may agree in by chance, a single duration for example; another theme shows that it must be left out. */
  readonly mayDifferIn?: readonly MaskName[];
  readonly scenes: Readonly<Record<string, Scene>>;
}

interface Run extends RunFacts, FinishedRun {}

/** Plays the scenes twice bare and once instrumented, and compares what each run has seen. */
export function compareRuns({ themes, topics, differsIn, mayDifferIn = [], scenes }: Themes): void {
  let bare: Run;
  let again: Run;
  let instrumented: Run;

  beforeAll(async () => {
    // One after the other: brokers answer for a new topic a little later than they say it is there.
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
  const seenBy = ({ reported, ...facts }: Run, applied: readonly Mask[] = common) => masked(reported, facts, applied);

  test.each(Object.entries(scenes))('%s', (name, { seen, traced }) => {
    const without = seenBy(bare)[name];
    expect(without).toMatchObject(seen);
    expect(seenBy(instrumented, [...common, traceHeaders])[name]).toEqual(without);
    expect(operations(instrumented.spans, name)).toEqual(traced);
  });

  test('all scenes were played, and nobody complained', () => {
    for (const { reported, stderr } of [bare, again, instrumented])
      expect({ played: Object.keys(reported).sort(), stderr }).toEqual({
        played: Object.keys(scenes).sort(),
        stderr: '',
      });
  });

  test('two bare runs are alike', () => {
    expect(seenBy(again)).toEqual(seenBy(bare));
  });

  test.each(differsIn)('and would not be, were their %s not left out', left => {
    const others = leftOut.filter(name => name !== left).map(name => masks[name]);
    expect(seenBy(again, others)).not.toEqual(seenBy(bare, others));
  });

  test('an instrumented run would not be like a bare one, were the trace headers not left out', () => {
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
    // Instruments are live, but read once, at the end.
    metrics: execArgv.length > 0,
    env: { THEMES: themes.join(','), OTEL_METRIC_EXPORT_INTERVAL: '60000', OTEL_LOG_LEVEL: 'warn' },
  });
  return { ...ended, began, suffix: topic.slice(role.length + 1) };
}

function operations(spans: readonly ReceivedSpan[], clientId: string): string[] {
  const own = spans.filter(({ attributes }) => attributes['messaging.client.id'] === clientId);
  return [...new Set(own.map(({ name }) => name.replace(/ .*/, '')))].sort();
}
