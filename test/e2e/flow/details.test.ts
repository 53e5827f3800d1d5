import { exceptionEvent, expectSpans, traceOf, type ExpectedSpan } from '../../support/spans';
import type { ReceivedSpan } from '../../support/otlp';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type Expected, type ExpectedAttributes } from './attributes';
import { run, type Run } from './run';
import { forEachClient } from './client';

forEachClient(client => {
  /** The error type of a message without a value. */
  const refusal = client.name === 'kafkajs' ? 'KafkaJSNonRetriableError' : 'Error';
  const ROLES = { few: 2, many: 1, failing: 1 };
  const OPTION = 'OTEL_INSTRUMENTATION_KAFKA_';

  let topics: Record<keyof typeof ROLES, string>;
  let attributes: ExpectedAttributes;
  let program: Run;
  let quietTopics: typeof topics;
  let quiet: Run;

  beforeAll(async () => {
    topics = await createTopics(ROLES);
    attributes = await expectedAttributes(
      topics.few,
      topic => (topic === topics.many ? topics.few : topic),
      client,
    );
    program = await run('details.cjs', { client, topics, env: { [`${OPTION}PRODUCER_SPANS`]: 'message' } });
    quietTopics = await createTopics(ROLES);
    quiet = await run('details.cjs', {
      client,
      topics: quietTopics,
      env: {
        [`${OPTION}CAPTURE_KEY`]: 'false',
        [`${OPTION}CAPTURE_ERROR_MESSAGES`]: 'false',
        [`${OPTION}CAPTURE_SIZES`]: 'true',
      },
    });
  }, 120_000);

  const byKey = {
    label: ({ name, attributes: { 'messaging.kafka.message.key': key = '' } }: ReceivedSpan) =>
      `${name} ${key as string}`.trim(),
  };

  function create(topic: string, parent: string, facts: Expected): ExpectedSpan {
    return {
      name: `create ${topic}`,
      kind: 'PRODUCER',
      parent,
      attributes: attributes('create', topic, facts),
    };
  }

  function process(topic: string, parent: string, facts: Expected): ExpectedSpan {
    return {
      name: `process ${topic}`,
      kind: 'CONSUMER',
      parent,
      links: [{ to: parent }],
      attributes: attributes('process', topic, facts),
    };
  }

  describe("producerSpans: 'message'", () => {
    test('each message has a create span, which its consumer continues and the send links to', () => {
      const { few } = topics;
      const spans = ['few', 'store'].flatMap(root => traceOf(program.spans, root));
      const inFirst = { partition: 0, key: 'a' };
      const inSecond = { partition: 1, key: 'b', tombstone: true } as const;
      expectSpans(spans, byKey).toEqual({
        few: { kind: 'INTERNAL' },
        store: { kind: 'INTERNAL' },
        [`create ${few} a`]: create(few, 'few', inFirst),
        [`create ${few} b`]: create(few, 'few', inSecond),
        [`send ${few}`]: {
          kind: 'CLIENT',
          parent: 'few',
          // A message that carries a stored context keeps it.
          links: [{ to: `create ${few} a` }, { to: `create ${few} b` }, { to: 'store' }],
          attributes: attributes('send', few, { count: 3 }),
        },
        [`process ${few} a`]: process(few, `create ${few} a`, { ...inFirst, offset: 0 }),
        [`process ${few} b`]: process(few, `create ${few} b`, { ...inSecond, offset: 0 }),
        [`process ${few} stored`]: process(few, 'store', { partition: 1, key: 'stored', offset: 1 }),
      });
    });

    test('a call of more than 128 messages has only one span', () => {
      const { many } = topics;
      const messages = Array.from({ length: 129 }, (_, offset): [string, ExpectedSpan] => [
        `process ${many} at ${offset}`,
        process(many, `send ${many}`, { partition: 0, offset }),
      ]);
      const label = ({ name, attributes: { 'messaging.kafka.offset': offset } }: ReceivedSpan) =>
        offset === undefined ? name : `${name} at ${Number(offset)}`;
      expectSpans(traceOf(program.spans, 'many'), { label }).toEqual({
        many: { kind: 'INTERNAL' },
        [`send ${many}`]: {
          kind: 'PRODUCER',
          parent: 'many',
          attributes: attributes('send', many, { partition: 0, count: 129 }),
        },
        ...Object.fromEntries(messages),
      });
    });

    test('a failed send sets the status of the send span, not of the create span', () => {
      const { failing } = topics;
      const message =
        client.name === 'kafkajs'
          ? `Invalid message without value for topic "${failing}": {"key":"secret"}`
          : 'Message must be a buffer or null';
      expectSpans(traceOf(program.spans, 'refused')).toEqual({
        refused: { kind: 'INTERNAL' },
        [`create ${failing}`]: create(failing, 'refused', { key: 'secret' }),
        [`send ${failing}`]: {
          kind: 'CLIENT',
          parent: 'refused',
          links: [{ to: `create ${failing}` }],
          attributes: attributes('send', failing, { key: 'secret', error: refusal }),
          status: { code: 'ERROR', message },
          events: [exceptionEvent(refusal, message)],
        },
      });
    });
  });

  describe('captureKey: false, captureErrorMessages: false and captureSizes: true', () => {
    test('only the type of an error is recorded, for producers and consumers', () => {
      const { failing } = quietTopics;
      const failed = (type: string): Partial<ExpectedSpan> => ({
        status: { code: 'ERROR' },
        events: [{ name: 'exception', attributes: { 'exception.type': type } }],
      });
      const send = `send ${failing}`;
      expectSpans(traceOf(quiet.spans, 'one')).toEqual({
        one: { kind: 'INTERNAL' },
        [send]: {
          kind: 'PRODUCER',
          parent: 'one',
          attributes: attributes('send', failing, { partition: 0, offset: 0, size: 9 }),
        },
        [client.name === 'kafkajs' ? `process ${failing}` : `process ${failing} #1`]: {
          ...process(failing, send, { partition: 0, offset: 0, size: 9, error: 'SyntaxError' }),
          ...failed('SyntaxError'),
        },
        ...(client.name === 'kafkajs'
          ? {}
          : { [`process ${failing} #2`]: process(failing, send, { partition: 0, offset: 0, size: 9 }) }),
      });
      expectSpans(traceOf(quiet.spans, 'refused')).toEqual({
        refused: { kind: 'INTERNAL' },
        [send]: {
          kind: 'PRODUCER',
          parent: 'refused',
          attributes: attributes('send', failing, { error: refusal }),
          ...failed(refusal),
        },
      });
    });

    test('spans of single messages have the size of the value, apart from tombstones', () => {
      const sizes = quiet.spans
        .filter(({ name }) => name.endsWith(` ${quietTopics.few}`))
        .map(({ name, attributes: all }) => [name.split(' ')[0], all['messaging.message.body.size']]);
      expect(sizes.sort()).toEqual([
        ['process', undefined],
        ['process', 1],
        ['process', 1],
        ['send', undefined],
      ]);
    });

    test('no keys or values are exported, unlike by default', () => {
      const leaks = ({ spans }: Run) => {
        const text = JSON.stringify(spans, (_, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        return [
          ...new Set(text.match(/secret|is not valid JSON|message\.key|exception\.(?:message|stacktrace)/g)),
        ].sort();
      };
      expect(leaks(program)).toEqual(
        expect.arrayContaining(['exception.message', 'exception.stacktrace', 'message.key', 'secret']),
      );
      expect(leaks(quiet)).toEqual([]);
    });
  });
});
