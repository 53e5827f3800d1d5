import type { ReceivedSpan } from '../../support/otlp';
import { exceptionEvent, expectSpans, traceOf, type ExpectedSpan } from '../../support/spans';
import { createTopics, withAdmin } from '../../support/topics';
import { expectedAttributes, type Expected, type ExpectedAttributes } from './attributes';
import { run, type Run } from './run';
import { forEachClient } from './client';

/** Name of the call, whether its topic is known, and the attributes of its span. */
type Refusals = [call: string, hasTopic: boolean, expected: Expected][];

forEachClient(client => {
  const isKafkajs = client.name === 'kafkajs';
  const ROLES = { single: 3, first: 1, second: 1, third: 1, odd: 1, unacknowledged: 1 };
  interface Message {
    readonly topic: keyof typeof ROLES;
    readonly partition: number;
    readonly offset: string;
    readonly key: string | null;
    readonly value: string | null;
  }

  let topics: Record<keyof typeof ROLES, string>;
  let traced: Run;
  let bare: Run;
  let attributes: ExpectedAttributes;

  beforeAll(async () => {
    topics = await createTopics(ROLES);
    attributes = await expectedAttributes(topics.single, () => topics.single, client);
    traced = await run('sends.cjs', { client, topics });
    bare = await run('sends.cjs', { client, topics: await createTopics(ROLES), bare: true });
  }, 180_000);

  /** Returns the spans of the trace of a call. */
  const ofCall = (name: string) => traceOf(traced.spans, name);

  function send(topic: string, parent: string, expected: Expected): ExpectedSpan {
    return {
      name: `send ${topic}`,
      kind: 'PRODUCER',
      parent,
      attributes: attributes('send', topic, expected),
    };
  }

  function process(topic: string, expected: Expected, sent = `send ${topic}`): ExpectedSpan {
    return {
      name: `process ${topic}`,
      kind: 'CONSUMER',
      parent: sent,
      links: [{ to: sent }],
      attributes: attributes('process', topic, expected),
    };
  }

  test('results of sends and consumed messages are the same as without instrumentation', () => {
    expect(traced.reported['answers']).toEqual(bare.reported['answers']);
    expect(traced.reported['received']).toEqual(bare.reported['received']);
  });

  test('producer and consumer spans of a single message have the partition and offset assigned by Kafka', async () => {
    const { single } = topics;
    const messages = (traced.reported['received'] as Message[]).filter(({ topic }) => topic === 'single');
    const offsets = await withAdmin(admin => admin.fetchTopicOffsets(single));
    const written = offsets.flatMap(({ partition, high }) =>
      Array.from({ length: Number(high) }, (_, offset) => `${partition} ${offset}`),
    );
    expect(messages.map(({ partition, offset }) => `${partition} ${offset}`).sort()).toEqual(written.sort());
    expect(written).toHaveLength(6);
    expect(new Set(messages.map(({ partition }) => partition)).size).toBeGreaterThan(1);
    for (const { partition, offset, value: key } of messages) {
      const expected = { partition, offset: Number(offset), key: key ?? '' };
      expectSpans(ofCall(`single ${expected.key}`)).toEqual({
        [`single ${expected.key}`]: { kind: 'INTERNAL' },
        [`send ${single}`]: send(single, `single ${expected.key}`, expected),
        [`process ${single}`]: process(single, expected),
      });
    }
  });

  test('sendBatch has a span per topic with its count, and each message carries the context of its own topic', () => {
    const { first, second, third } = topics;
    const atOffset = ({ name, attributes: { 'messaging.kafka.offset': offset } }: ReceivedSpan) =>
      name.startsWith('process') ? `${name} at ${Number(offset)}` : name;
    const at = (topic: string, offset: number, key?: string) => ({
      [`process ${topic} at ${offset}`]: process(topic, {
        partition: 0,
        offset,
        ...(key === undefined ? {} : { key }),
      }),
    });
    expectSpans(ofCall('batch'), { label: atOffset }).toEqual({
      batch: { kind: 'INTERNAL' },
      [`send ${first}`]: send(first, 'batch', { partition: 0, count: 2 }),
      [`send ${second}`]: send(second, 'batch', { partition: 0, offset: 0, key: 'k' }),
      [`send ${third}`]: send(third, 'batch', { partition: 0, count: 3 }),
      ...at(first, 0),
      ...at(first, 1),
      ...at(second, 0, 'k'),
      ...at(third, 0),
      ...at(third, 1),
      ...at(third, 2),
    });
  });

  test.each<[call: string, expected: Expected]>([
    ['tombstone', { offset: 0, key: 'gone', tombstone: true }],
    ['null key', { offset: 1 }],
    ['binary key', { offset: 2 }],
    ['text key in bytes', { offset: 3, key: 'grüße' }],
    ['empty key', { offset: 4, key: '' }],
  ])('%s: the span has all attributes that can be read', (call, expected) => {
    const { odd } = topics;
    expectSpans(ofCall(call)).toEqual({
      [call]: { kind: 'INTERNAL' },
      [`send ${odd}`]: send(odd, call, { partition: 0, ...expected }),
      [`process ${odd}`]: process(odd, { partition: 0, ...expected }),
    });
  });

  test('without acknowledgement, only the consumer span has the offset', () => {
    const { unacknowledged } = topics;
    expectSpans(ofCall('no acknowledgement')).toEqual({
      'no acknowledgement': { kind: 'INTERNAL' },
      [`send ${unacknowledged}`]: send(
        unacknowledged,
        'no acknowledgement',
        // librdkafka chooses the partition itself.
        isKafkajs ? {} : { partition: 0 },
      ),
      [`process ${unacknowledged}`]: process(unacknowledged, { partition: 0, offset: 0 }),
    });
  });

  test('a send without messages has a span with count 0 if the library asks a broker, and one without topics has none', () => {
    const { odd } = topics;
    expectSpans(ofCall('no messages')).toEqual({
      'no messages': { kind: 'INTERNAL' },
      ...(isKafkajs ? { [`send ${odd}`]: send(odd, 'no messages', { count: 0 }) } : {}),
    });
    expectSpans(ofCall('no topics')).toEqual({ 'no topics': { kind: 'INTERNAL' } });
  });

  describe('a call that the library rejects', () => {
    test('fails with the same error as without instrumentation, never synchronously', () => {
      const refusals = traced.reported['refusals'] as Record<string, string>;
      expect(refusals).toEqual(bare.reported['refusals']);
      expect(Object.keys(refusals).filter(call => !(refusals[call] ?? '').startsWith('rejected: '))).toEqual(
        isKafkajs ? [] : ['no topic', 'headers that are null'],
      );
    });

    const OF_KAFKAJS: Refusals = [
      ['no request', false, { error: 'TypeError' }],
      ['no topic', false, { error: 'KafkaJSNonRetriableError' }],
      ['no list of messages', true, { error: 'KafkaJSNonRetriableError' }],
      ['a message without value', true, { key: 'k', error: 'KafkaJSNonRetriableError' }],
      ['a null message', true, { error: 'TypeError' }],
      ['a number as value', true, { error: 'ERR_INVALID_ARG_TYPE' }],
      ['a header that is null', true, { error: 'ERR_INVALID_ARG_TYPE' }],
      ['headers that are null', true, { error: 'TypeError' }],
      ['topics that are no list', false, { error: 'TypeError' }],
    ];
    const OF_CONFLUENT: Refusals = [
      ['no request', false, { error: '_INVALID_ARG' }],
      ['own acknowledgements', true, { error: '_INVALID_ARG' }],
      ['no list of messages', true, { error: 'TypeError' }],
      ['a message without value', true, { key: 'k', error: 'Error' }],
      ['a null message', true, { error: 'TypeError' }],
      ['a number as value', true, { error: 'Error' }],
      ['topics that are no list', false, { error: '_INVALID_ARG' }],
      ['no such partition', true, { partition: 99, error: '_UNKNOWN_PARTITION' }],
    ];

    test.each(isKafkajs ? OF_KAFKAJS : OF_CONFLUENT)('has a failed span: %s', (call, hasTopic, expected) => {
      expectSpans(ofCall(call)).toEqual({
        [call]: { kind: 'INTERNAL' },
        ...refused(call, hasTopic, expected),
      });
    });
  });

  /** Returns the span of a call that failed. */
  function refused(call: string, hasTopic: boolean, expected: Expected): Record<string, ExpectedSpan> {
    const topic = hasTopic ? topics.odd : undefined;
    const refusal = (traced.reported['refusals'] as Record<string, string>)[call] ?? '';
    const message = refusal.replace(/^rejected: \w+: /, '').replaceAll('odd', topics.odd);
    const type = /^rejected: (\w+)/.exec(refusal)?.[1] ?? '';
    return {
      [topic === undefined ? 'send' : `send ${topic}`]: {
        kind: 'PRODUCER',
        parent: call,
        attributes: attributes('send', topic, expected),
        status: { code: 'ERROR', message },
        events: [exceptionEvent(type, message)],
      },
    };
  }

  if (isKafkajs) {
    test('a message for a missing partition has no offset and no broker, because kafkajs drops it', () => {
      const { odd } = topics;
      expect((traced.reported['answers'] as Record<string, unknown>)['no such partition']).toEqual([]);
      expectSpans(ofCall('no such partition')).toEqual({
        'no such partition': { kind: 'INTERNAL' },
        [`send ${odd}`]: send(odd, 'no such partition', { partition: 99, leader: false }),
      });
    });

    test('if kafkajs drops one of two messages, the send span has no partition and offset', () => {
      const { odd } = topics;
      const answer = (traced.reported['answers'] as Record<string, unknown>)['one of two partitions'];
      expect(answer).toEqual([['odd', 0, '5', 0]]);
      expectSpans(ofCall('one of two partitions')).toEqual({
        'one of two partitions': { kind: 'INTERNAL' },
        [`send ${odd}`]: send(odd, 'one of two partitions', { count: 2 }),
        [`process ${odd}`]: process(odd, { partition: 0, offset: 5 }),
      });
    });
    return;
  }

  test("a rejected call whose other message was sent has a failed span, which the message's consumer continues", () => {
    const { odd } = topics;
    expectSpans(ofCall('one of two partitions')).toEqual({
      'one of two partitions': { kind: 'INTERNAL' },
      ...refused('one of two partitions', true, { count: 2, error: '_UNKNOWN_PARTITION' }),
      [`process ${odd}`]: process(odd, { partition: 0, offset: 5 }),
    });
  });

  test('a message with a header that Confluent refuses is sent all the same, with its context', () => {
    const { odd } = topics;
    expectSpans(ofCall('a header that is null')).toEqual({
      'a header that is null': { kind: 'INTERNAL' },
      ...refused('a header that is null', true, { error: 'Error' }),
      [`process ${odd}`]: process(odd, { partition: 0, offset: 6 }),
    });
  });

  test('headers may be null', () => {
    const { odd } = topics;
    expectSpans(ofCall('headers that are null')).toEqual({
      'headers that are null': { kind: 'INTERNAL' },
      [`send ${odd}`]: send(odd, 'headers that are null', { partition: 0, offset: 7 }),
      [`process ${odd}`]: process(odd, { partition: 0, offset: 7 }),
    });
  });
});
