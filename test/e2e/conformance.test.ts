import { documentedName, isOurs, readReference } from '../conformance/reference';
import { versionOf } from '../conformance/registry';
import { patternOf } from '../conformance/shapes';
import { samplingFaults } from '../conformance/sampling';
import { operationOf } from '../conformance/spans';
import { startCollector } from '../support/collector';
import type { ReceivedMetric, ReceivedSpan } from '../support/otlp';
import { otlpEnvironment, startProgram } from '../support/program';
import { createTopics } from '../support/topics';

const OPTION = 'OTEL_INSTRUMENTATION_KAFKA_';
const SCOPE = '@org/kafka-otel';

interface Export {
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: readonly ReceivedMetric[];
}

/** Runs a program that produces every span and metric. The collector checks them on arrival. */
async function everything(env: Readonly<Record<string, string>>): Promise<Export> {
  const topics = await createTopics({ single: 1, batch: 1, ledger: 1, broken: 1 });
  const collector = await startCollector();
  try {
    const program = startProgram({
      file: 'fixtures/conformance/everything.cjs',
      execArgv: ['--require', './fixtures/conformance/tracing.cjs'],
      env: {
        ...otlpEnvironment(collector, { service: 'everything', metrics: true }),
        [`${OPTION}ADMIN_SPANS`]: 'all',
        [`${OPTION}CAPTURE_HEADERS`]: 'tenant',
        [`${OPTION}CAPTURE_SIZES`]: 'true',
        [`${OPTION}REQUEST_METRICS`]: 'true',
        NODE_NO_WARNINGS: '1',
        TOPICS: JSON.stringify(topics),
        ...env,
      },
    });
    await program.line(/^done$/, 60_000);
    expect({ ...(await program.exit), stderr: program.stderr }).toMatchObject({ code: 0, stderr: '' });
    const isFromThisPackage = ({ scope }: { readonly scope: string }) => scope === SCOPE;
    return {
      spans: collector.spans.filter(isFromThisPackage),
      metrics: collector.metrics.filter(isFromThisPackage),
    };
  } finally {
    await collector.close();
  }
}

const programs = [
  ['1.24', 'message', 'parent-and-link'],
  ['1.24+1.44', 'call', 'parent-and-link'],
  ['1.44', 'call', 'parent-and-link'],
  ['1.45', 'message', 'link'],
  ['1.44+1.45', 'message', 'parent'],
] as const;

describe.each(programs)(
  'with v%s, producerSpans %s and consumerContext %s',
  (semconv, producerSpans, context) => {
    let exported: Export;
    beforeAll(async () => {
      exported = await everything({
        [`${OPTION}SEMCONV`]: semconv,
        [`${OPTION}PRODUCER_SPANS`]: producerSpans,
        [`${OPTION}CONSUMER_CONTEXT`]: context,
      });
    });

    test('all spans use that version', () => {
      // In v1.24, a transaction has no operation. Its client id shows the version.
      const versions = new Set(exported.spans.map(({ attributes }) => versionOf(attributes)));
      expect(versions).toEqual(new Set([semconv]));
    });

    test('all metrics use that version, or 1.44 if it is 1.24', () => {
      const points = exported.metrics.flatMap(metric => metric.points);
      const versions = new Set(points.map(({ attributes }) => versionOf(attributes)));
      expect(versions).toEqual(new Set([semconv.startsWith('1.24') ? '1.44' : semconv]));
    });

    test('span names are those of the first version', () => {
      const names = exported.spans.map(({ name }) => name.replace(/single-\w+/, 'single'));
      expect(names).toContain(semconv.startsWith('1.24') ? 'single publish' : 'send single');
      expect(names).not.toContain(semconv.startsWith('1.24') ? 'send single' : 'single publish');
    });

    test('the sampler gets every attribute that the conventions list for sampling', () => {
      const faults = exported.spans.flatMap(span =>
        samplingFaults(span).map(({ message }) => `${span.name}: ${message}`),
      );
      expect(faults).toEqual([]);
    });

    test('every messaging span except create has the client id, and the cluster id if the version has a name for it', () => {
      const anonymous = exported.spans
        .filter(span => !['create', 'admin'].includes(operationOf(span)))
        .filter(
          ({ attributes }) =>
            !(attributes['messaging.client.id'] ?? attributes['messaging.client_id']) ||
            (semconv !== '1.24' && !clusterOf(attributes)),
        );
      expect(anonymous.map(({ name }) => name)).toEqual([]);
    });

    test('a consumer span has a link, or a parent if links are off', () => {
      const consumers = exported.spans.filter(({ kind }) => kind === 'CONSUMER');
      const linked = new Set(consumers.map(({ links }) => links.length > 0));
      expect(linked).toEqual(new Set(context === 'parent' ? [true, false] : [true]));
      const alone = consumers.filter(({ parentSpanId, links }) => !parentSpanId && links.length === 0);
      expect(alone.map(({ name }) => name)).toEqual([]);
    });
  },
);

const clusterOf = (attributes: Readonly<Record<string, unknown>>): unknown =>
  attributes['messaging.kafka.cluster.id'] ?? attributes['kafka.cluster.id'];

describe('docs/spans.md and docs/metrics.md', () => {
  const reference = readReference();
  let exported: Export;
  beforeAll(async () => {
    const runs = [await everything({}), await everything({ [`${OPTION}PRODUCER_SPANS`]: 'message' })];
    exported = { spans: runs.flatMap(run => run.spans), metrics: runs.flatMap(run => run.metrics) };
  });

  const names = (attributes: readonly Readonly<Record<string, unknown>>[]): string[] =>
    [
      ...new Set(
        attributes
          .flatMap(each => Object.keys(each))
          .filter(isOurs)
          .map(documentedName),
      ),
    ].sort();

  test('lists exactly the names and kinds of all spans', () => {
    const seen = new Map<string, Set<string>>();
    for (const span of exported.spans) {
      const pattern = patternOf(span);
      seen.set(pattern, (seen.get(pattern) ?? new Set()).add(span.kind));
    }
    expect(seen).toEqual(reference.kinds);
  });

  test('lists exactly the attributes of links and events', () => {
    const links = exported.spans.flatMap(span => span.links);
    expect(names(links.map(({ attributes }) => attributes))).toEqual([...reference.linkAttributes].sort());
    const events = new Map<string, Set<string>>();
    for (const { name, attributes } of exported.spans.flatMap(span => span.events))
      events.set(name, new Set([...(events.get(name) ?? []), ...Object.keys(attributes)]));
    expect(events).toEqual(reference.events);
  });

  test('lists exactly the attributes of each span', () => {
    const operations = [...reference.spans.keys()];
    const seen = operations.map(operation => {
      const spans = exported.spans.filter(span => operationOf(span) === operation);
      return [operation, names(spans.map(({ attributes }) => attributes))];
    });
    const documented = [...reference.spans].map(([operation, attributes]) => [
      operation,
      [...attributes].sort(),
    ]);
    expect(seen).toEqual(documented);
  });

  test('lists exactly the instrument, unit and attributes of each metric', () => {
    const seen = Object.fromEntries(
      [...new Set(exported.metrics.map(({ name }) => name))].map(name => {
        const metrics = exported.metrics.filter(metric => metric.name === name);
        const instrument = metrics[0]?.kind === 'sum' ? 'counter' : metrics[0]?.kind;
        const attributes = names(metrics.flatMap(({ points }) => points.map(point => point.attributes)));
        return [name, { instrument, unit: metrics[0]?.unit, attributes }];
      }),
    );
    const documented = Object.fromEntries(
      [...reference.metrics]
        .filter(([name]) => !NOT_AT_WILL.includes(name))
        .map(([name, { attributes, ...rest }]) => [name, { ...rest, attributes: [...attributes].sort() }]),
    );
    expect(seen).toEqual(documented);
  });
});

/** These metrics need a broker that does not respond, or a second group member. Other tests check them. */
const NOT_AT_WILL = ['kafka.client.request.timeouts', 'kafka.consumer.rebalances'];
