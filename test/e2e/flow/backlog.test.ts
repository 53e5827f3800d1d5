import type { ReceivedSpan } from '../../support/otlp';
import { duration, expectSpans, type ExpectedSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes } from './attributes';
import { run, type Run } from './run';
import { forEachClient } from './client';

forEachClient(client => {
  /** The SDK rounds the start of a span to milliseconds, so start and duration may be wrong by this time. */
  const CLOCK_MS = 2;
  /** Usual delay between the end of a handler and the end of its span. On a busy machine, some delays are longer. */
  const SLACK_MS = 100;

  let topic: string;
  let program: Run;
  let processes: ReceivedSpan[];

  const offsetOf = ({ attributes }: ReceivedSpan) => Number(attributes['messaging.kafka.offset']);
  /**
   * Returns the time that 95 % of the times do not exceed, in milliseconds. A few times may be wrong: the SDK reads two
   * clocks at the start of a span, and the process may pause in between.
   */
  const usual = (times: readonly bigint[]) =>
    times.map(time => Number(time) / 1e6).sort((a, b) => a - b)[Math.floor(times.length * 0.95)];
  const work = (parent: ReceivedSpan): ReceivedSpan => {
    const [span, ...more] = program.spans.filter(
      ({ name, parentSpanId }) => name === 'work' && parentSpanId === parent.spanId,
    );
    if (!span || more.length > 0)
      throw new Error(`process span ${offsetOf(parent)} has ${more.length} children`);
    return span;
  };

  beforeAll(async () => {
    const topics = await createTopics({ backlog: 1 });
    topic = topics.backlog;
    program = await run('backlog.cjs', { client, topics });
    processes = program.spans
      .filter(({ name }) => name === `process ${topic}`)
      .sort((one, other) => offsetOf(one) - offsetOf(other));
  }, 180_000);

  test('each of 1,000 handlers keeps its own context across all awaits', () => {
    expect(program.reported['lost']).toEqual([]);
    const { spanOf } = program.reported as { spanOf: Record<string, string> };
    expect(new Set(Object.values(spanOf))).toEqual(new Set(processes.map(({ spanId }) => spanId)));
    expect(processes).toHaveLength(1000);
  });

  test('each message has one span, a child of its send', async () => {
    const attributes = await expectedAttributes(topic, undefined, client);
    const expected: Record<string, ExpectedSpan> = {};
    for (let request = 0; request < 10; request++) {
      expected[`request ${request}`] = { kind: 'INTERNAL' };
      expected[`send ${request}`] = {
        name: `send ${topic}`,
        kind: 'PRODUCER',
        parent: `request ${request}`,
        attributes: attributes('send', topic, { partition: 0, count: 100 }),
      };
    }
    for (let offset = 0; offset < 1000; offset++) {
      const send = `send ${Math.floor(offset / 100)}`;
      expected[`process ${offset}`] = {
        name: `process ${topic}`,
        kind: 'CONSUMER',
        parent: send,
        links: [{ to: send }],
        attributes: attributes('process', topic, { partition: 0, offset }),
      };
    }
    const requests = new Map(program.spans.map(({ spanId, name }) => [spanId, name]));
    const label = (span: ReceivedSpan) => {
      if (span.name === `process ${topic}`) return `process ${offsetOf(span)}`;
      if (span.name !== `send ${topic}`) return span.name;
      return (requests.get(span.parentSpanId ?? '') ?? 'request ?').replace('request', 'send');
    };
    const spans = program.spans.filter(({ name }) => name !== 'work');
    expectSpans(spans, { label }).toEqual(expected);
  });

  test('the duration of a span is that of its handler, without the time that the message waits in the batch', () => {
    const delays = processes.map(span => duration(span) - duration(work(span))).sort((a, b) => a - b);
    expect(delays[0]).toBeGreaterThanOrEqual(0);
    expect(delays[delays.length / 2]).toBeLessThanOrEqual(SLACK_MS);
    expect(usual(processes.map(span => span.start - work(span).start))).toBeLessThanOrEqual(CLOCK_MS);
    expect(usual(processes.map(span => work(span).end - span.end))).toBeLessThanOrEqual(CLOCK_MS);
  });

  test('a handler that takes 300 ms has a span of at least 300 ms', () => {
    const last = processes.at(-1);
    expect(last && duration(last)).toBeGreaterThanOrEqual(300 - CLOCK_MS);
  });

  test('spans of the messages of a partition do not overlap', () => {
    const overlaps = processes.slice(1).map((span, index) => (processes[index]?.end ?? 0n) - span.start);
    expect(usual(overlaps)).toBeLessThanOrEqual(CLOCK_MS);
  });
});
