import { startCollector, type Collector } from '../../support/collector';
import { otlpEnvironment } from '../../support/program';
import { VENDORS } from '../../support/vendors';
import { createTopics, readBack, type Topic } from '../loading/support/topics';
import { processed, sent, whole } from '../loading/support/whole';
import { start } from './support/start';

const SCOPE = '@org/kafka-otel';

/** Loading dd-trace takes long on a slow machine. */
const DEADLINE_MS = 60_000;

let collector: Collector;
let orders: Topic;
beforeEach(async () => {
  collector = await startCollector();
  ({ orders } = await createTopics(['orders']));
});
afterEach(() => collector.close());

const ourSpans = () => collector.spans.filter(({ scope }) => scope === SCOPE);

/** The value of a counter in the last export, which arrives before the program ends. */
function counted(name: string): number {
  const last = collector.metrics.filter(metric => metric.name === name && metric.scope === SCOPE).at(-1);
  const points = last?.points ?? [];
  return points.reduce((sum, point) => sum + ('value' in point ? point.value : NaN), 0);
}

const cases = VENDORS.flatMap(vendor => (['before', 'after'] as const).map(order => ({ vendor, order })));

// Sentry 10, if loaded first, registers its own OpenTelemetry SDK, which then gets the spans of this package.
const exportsToSentry = ({ vendor, order }: (typeof cases)[number]) =>
  vendor.startsWith('@sentry/node@10') && order === 'before';

test.each(cases.filter(each => !exportsToSentry(each)))(
  'with $vendor, loaded $order this package, every message has one set of spans and is counted once',
  async ({ vendor, order }) => {
    const program = start({
      vendor,
      order,
      topic: orders.name,
      env: otlpEnvironment(collector, { metrics: true }),
    });
    const [, handled = ''] = await program.line(/^RESULT (.*)$/, DEADLINE_MS);
    expect(JSON.parse(handled)).toEqual([
      ['key', 'one', 'header'],
      ['key', 'two', 'header'],
    ]);
    await collector.waitForSpans(() => ourSpans().length >= 4, DEADLINE_MS);
    const key = { 'messaging.kafka.message.key': 'key' };
    const withKey = (span: ReturnType<typeof sent>) => ({
      ...span,
      attributes: { ...span.attributes, ...key },
    });
    // The parent can be a span of the vendor.
    const spans = whole(ourSpans()).map(span => ({ ...span, parent: undefined }));
    expect(spans).toEqual(
      [sent(orders, 0), sent(orders, 1), processed(orders, 0), processed(orders, 1)]
        .map(withKey)
        .map(span => ({ ...span, parent: undefined })),
    );
    await program.exit;
    expect(counted('messaging.client.consumed.messages')).toBe(2);
    expect(counted('messaging.client.sent.messages')).toBe(2);
    const stored = await readBack(orders, 2);
    expect(stored).toEqual(
      ['one', 'two'].map(value => ({
        value,
        headers: expect.objectContaining({
          own: 'header',
          traceparent: expect.any(String) as string,
        }) as object,
      })),
    );
    expect(program.stderr).not.toContain('@opentelemetry/instrumentation-kafkajs is active too');
  },
);

test.each(cases.filter(exportsToSentry))(
  'with $vendor, loaded $order this package, spans go to Sentry, and messages are unchanged',
  async ({ vendor, order }) => {
    const env = otlpEnvironment(collector, { metrics: true });
    const program = start({ vendor, order, topic: orders.name, env });
    await program.line('RESULT [["key","one","header"],["key","two","header"]]', DEADLINE_MS);
    await expect(program.exit).resolves.toMatchObject({ code: 0, signal: null });
    expect(ourSpans()).toEqual([]);
    expect(await readBack(orders, 2)).toMatchObject([
      { value: 'one', headers: { own: 'header' } },
      { value: 'two', headers: { own: 'header' } },
    ]);
  },
);
