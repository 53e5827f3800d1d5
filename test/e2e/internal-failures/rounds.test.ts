import { startProgram } from '../../support/program';
import { createTopics } from '../../support/topics';
import type { Fault } from '../../support/failing/calls';

/** The result of one run of the program. */
interface Round {
  readonly run: 'bare' | 'recorded' | 'broken' | 'everything';
  readonly saw: Readonly<Record<string, unknown>>;
  readonly unhandled: readonly string[];
  // Only instrumented runs have the following fields.
  readonly logged: readonly string[];
  readonly open: readonly string[];
  readonly thrown: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly fault: Fault;
}

/** Calls that the program must make. Without them, the test would not cover the whole package. */
const EXPECTED = [
  ...['tracerProvider.getTracer', 'tracer.startSpan', 'sampler.shouldSample'],
  ...['processor.onStart', 'processor.onEnd', 'logger.emit'],
  ...['span.setAttributes', 'span.addEvent', 'span.setStatus', 'span.end'],
  ...['span.isRecording', 'span.spanContext'],
  ...['propagator.inject', 'propagator.extract', 'propagator.fields'],
  ...['contextManager.active', 'contextManager.with'],
  ...['context.getValue', 'context.setValue', 'context.deleteValue'],
  ...[
    'meterProvider.getMeter',
    'meter.createHistogram',
    'meter.createCounter',
    'meter.createObservableGauge',
  ],
  ...['meter.addBatchObservableCallback', 'meter.removeBatchObservableCallback'],
  ...['histogram.record', 'counter.add', 'result.observe'],
  ...['hook.producerHook', 'hook.consumerHook', 'hook.batchHook', 'hook.filter', 'hook.spanName'],
  ...['cluster.brokerPool', 'cluster.brokerPool.metadata', 'cluster.brokerPool.metadata.clusterId'],
  ...['cluster.brokerPool.metadata.brokers', 'cluster.brokerPool.metadata.topicMetadata'],
  ...['event.payload', 'event.payload.memberAssignment', 'event.payload.highWatermark'],
  ...['event.payload.topics', 'event.payload.duration'],
];

/** After these faults, a span stays open: ending it fails, or starting it fails after the span was created. */
const mayLeaveOpen = ({ site, when }: Fault) =>
  /^(span\.end|processor\.)/.test(site) || (/^tracer\.startSpan/.test(site) && when === 'after');

/** The propagators of the SDK also catch errors of a context, but log them themselves. */
const isFromThisPackage = (line: string) => line.startsWith('@org/kafka-otel ');

let rounds: Round[];
let bare: Round['saw'];
const of = (run: Round['run']) => rounds.filter(round => round.run === run);

beforeAll(async () => {
  const { orders, audit } = await createTopics({ orders: 1, audit: 1 });
  const program = startProgram({
    file: 'fixtures/internal-failures/rounds.ts',
    execArgv: ['--require', 'tsx/cjs'],
    env: {
      KAFKA_BROKERS: process.env['KAFKA_BROKERS'],
      TOPICS: JSON.stringify({ orders, audit, id: orders }),
      EACH_CALL: process.env['EACH_CALL'],
      OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs/dup',
    },
  });
  const { code } = await program.exit;
  expect({ code, stderr: program.stderr }).toEqual({ code: 0, stderr: '' });
  rounds = program.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Round);
  bare = of('bare')[0]?.saw ?? {};
}, 600_000);

test('bare runs of the program have identical results', () => {
  expect(of('bare').map(({ saw }) => saw)).toEqual([bare, bare]);
  expect(bare['singly']).toHaveLength(8);
  expect(bare['batched']).toHaveLength(6);
});

test('without a fault the results are the same, every span ends and nothing is logged', () => {
  for (const { saw, logged, open } of of('recorded'))
    expect({ saw, logged, open }).toEqual({ saw: bare, logged: [], open: [] });
});

test('the recording contains every expected call, and each call site has its rounds', () => {
  const found = of('recorded').flatMap(({ calls }) => Object.keys(calls));
  const names = new Set(found.map(site => site.replace(/ @.*/, '')));
  expect(EXPECTED.filter(name => !names.has(name))).toEqual([]);
  expect(new Set(of('broken').map(({ fault }) => fault.site))).toEqual(new Set(found));
});

describe('with a fault at any call site', () => {
  const wrong = (isWrong: (round: Round) => boolean, show: (round: Round) => unknown) =>
    of('broken')
      .filter(isWrong)
      .map(round => ({ ...round.fault, shows: show(round) }));

  test('the fault was thrown', () => {
    expect(
      wrong(
        ({ thrown }) => thrown === 0,
        () => 'never',
      ),
    ).toEqual([]);
  });

  test('the program has the same results as bare', () => {
    const differences = ({ saw }: Round) =>
      Object.fromEntries(Object.entries(saw).filter(([key, value]) => !isSame(value, bare[key])));
    expect(wrong(({ saw }) => !isSame(saw, bare), differences)).toEqual([]);
  });

  test('there are no unhandled rejections', () => {
    expect(
      wrong(
        ({ unhandled }) => unhandled.length > 0,
        ({ unhandled }) => unhandled,
      ),
    ).toEqual([]);
  });

  test('only the fault is logged, and no line of this package is logged twice', () => {
    const isLogged = ({ logged, fault }: Round) => {
      const ownLines = logged.filter(isFromThisPackage);
      const isCause = (line: string) =>
        line.includes(`injected error: ${fault.when} ${fault.nth} ${fault.site}`);
      return logged.length > 0 && logged.every(isCause) && new Set(ownLines).size === ownLines.length;
    };
    expect(
      wrong(
        round => !isLogged(round),
        ({ logged }) => logged,
      ),
    ).toEqual([]);
  });

  test('every started span ends', () => {
    expect(
      wrong(
        ({ open, fault }) => open.length > 0 && !mayLeaveOpen(fault),
        ({ open }) => open,
      ),
    ).toEqual([]);
  });
});

test('with a fault at all call sites and in the diag logger, the program has the same results as bare', () => {
  const [round] = of('everything');
  expect(round?.saw).toEqual(bare);
  expect(round?.thrown).toBeGreaterThan(20);
  expect(round?.unhandled).toEqual([]);
});

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
