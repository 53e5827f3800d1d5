import { startCollector, type Collector } from '../../support/collector';
import { otlpEnvironment } from '../../support/program';
import { VENDORS } from '../../support/vendors';
import { createTopics, readBack, type Topic } from '../loading/support/topics';
import { processed, sent, whole } from '../loading/support/whole';
import { start } from './support/start';

const OURS = '@org/kafka-otel';

/** The program's own lines tell that all was handled; a slow machine takes a while to load dd-trace. */
const DEADLINE_MS = 60_000;

let collector: Collector;
let orders: Topic;
beforeEach(async () => {
  collector = await startCollector();
  ({ orders } = await createTopics(['orders']));
});
afterEach(() => collector.close());

const ourSpans = () => collector.spans.filter(({ scope }) => scope === OURS);

async function counted(name: string): Promise<number> {
  const { points } = await collector.waitForMetric(name, ({ scope }) => scope === OURS, DEADLINE_MS);
  return points.reduce((sum, point) => sum + ('value' in point ? point.value : NaN), 0);
}

const cases = VENDORS.flatMap(vendor => (['before', 'after'] as const).map(order => ({ vendor, order })));

// A Sentry 10 that comes first sets up OpenTelemetry as its own: what ours records goes to Sentry then.
const isSentrys = ({ vendor, order }: (typeof cases)[number]) =>
  vendor.startsWith('@sentry/node@10') && order === 'before';

test.each(cases.filter(each => !isSentrys(each)))(
  'with $vendor, loaded $order ours, every message has one set of our spans and is counted once',
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
    // A vendor's span may be the parent.
    const spans = whole(ourSpans()).map(span => ({ ...span, parent: undefined }));
    expect(spans).toEqual(
      [sent(orders, 0), sent(orders, 1), processed(orders, 0), processed(orders, 1)]
        .map(withKey)
        .map(span => ({ ...span, parent: undefined })),
    );
    expect(await counted('messaging.client.consumed.messages')).toBe(2);
    expect(await counted('messaging.client.sent.messages')).toBe(2);
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

test.each(cases.filter(isSentrys))(
  'with $vendor, loaded $order ours, what ours records is left to Sentry, and the messages are intact',
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
