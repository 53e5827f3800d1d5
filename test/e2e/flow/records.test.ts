import type { ReceivedSpan } from '../../support/otlp';
import { expectSpans, traceOf, type ExpectedSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type Expected } from './attributes';
import { run, type Run } from './run';
import { forEachClient } from './client';

forEachClient(client => {
  const RECORDS = { records: 1, others: 1 };

  let topics: Record<keyof typeof RECORDS, string>;
  let traced: Run;
  let bare: Run;

  beforeAll(async () => {
    topics = await createTopics(RECORDS);
    traced = await run('records.cjs', { client, topics });
    bare = await run('records.cjs', { client, topics: await createTopics(RECORDS), bare: true });
  }, 120_000);

  const offsetOf = ({ attributes }: ReceivedSpan) => Number(attributes['messaging.kafka.offset']);
  /** Labels consumer spans by offset, counted from the first offset of the trace. */
  async function expectCall(
    root: string,
    counts: Partial<Record<keyof typeof RECORDS, number>>,
    of: Expected = {},
  ) {
    const attributes = await expectedAttributes(topics.records, () => topics.records, client);
    const spans = traceOf(traced.spans, root);
    const expected: Record<string, ExpectedSpan> = { [root]: { kind: 'INTERNAL' } };
    const label = (span: ReceivedSpan) =>
      span.kind === 'CONSUMER' ? `${span.name} at ${offsetOf(span)}` : span.name;
    for (const [role, count] of Object.entries(counts)) {
      const topic = topics[role as keyof typeof RECORDS];
      const first = Math.min(...spans.filter(({ name }) => name === `process ${topic}`).map(offsetOf));
      const send = `send ${topic}`;
      expected[send] = {
        kind: 'PRODUCER',
        parent: root,
        attributes: attributes('send', topic, {
          partition: 0,
          ...(count === 1 ? { ...of, offset: first } : { count }),
        }),
      };
      for (let offset = first; offset < first + count; offset++) {
        expected[`process ${topic} at ${offset}`] = {
          name: `process ${topic}`,
          kind: 'CONSUMER',
          parent: send,
          links: [{ to: send }],
          attributes: attributes('process', topic, { partition: 0, offset, ...of }),
        };
      }
    }
    expectSpans(spans, { label }).toEqual(expected);
  }

  test('records are as after a send without instrumentation, and every call has the same outcome', () => {
    expect(traced.reported['unchanged']).toEqual(bare.reported['unchanged']);
    expect(traced.reported['outcomes']).toEqual(bare.reported['outcomes']);
  });

  test('records arrive as without instrumentation, plus one set of trace headers', () => {
    expect(traced.reported['received']).toHaveLength(client.name === 'kafkajs' ? 23 : 17);
    expect(traced.reported['received']).toEqual(bare.reported['received']);
  });

  test('ten messages can share one headers object', () =>
    expectCall('shared', { records: 10 }, { key: 'k' }));

  test.each<[string, Expected]>([
    ['once', { key: 'k' }],
    ['instances', { key: 'order' }],
    ['headers of a class', {}],
    ['headers that inherit', {}],
  ])('records can have any shape: %s', (root, expected) => expectCall(root, { records: 1 }, expected));

  // Confluent's client writes into messages. It rejects messages that are frozen or were sent before.
  if (client.name !== 'kafkajs') return;

  test('a send neither changes the records nor tries to write to them', () => {
    expect(Object.values(traced.reported['unchanged'] as object).every(Boolean)).toBe(true);
  });

  test('a record can be sent twice, each time with the context of that send', () =>
    expectCall('once more', { records: 1 }, { key: 'k' }));

  test('one message object can be sent to two topics, with the context of each', () =>
    expectCall('batch', { records: 1, others: 1 }));

  test('records can be deeply frozen', async () => {
    await expectCall('frozen batch', { records: 1 });
    const sends = traceOf(traced.spans, 'frozen').filter(({ kind }) => kind === 'PRODUCER');
    const handled = traceOf(traced.spans, 'frozen').filter(({ kind }) => kind === 'CONSUMER');
    expect(handled.map(({ parentSpanId }) => parentSpanId)).toEqual([sends[0]?.spanId, sends[0]?.spanId]);
  });

  test.each(['proxies', 'without prototype'])('records can have any shape: %s', root =>
    expectCall(root, { records: 1 }),
  );
});
