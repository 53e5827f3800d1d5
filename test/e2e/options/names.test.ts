import type { ReceivedSpan } from '../../support/otlp';
import { comparableSpans } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { forEachClient } from '../flow/client';
import { run, valuesBy, type Run } from './run';

const PREFIX = 'OTEL_INSTRUMENTATION_KAFKA_';

/** Returns the operation of a span, whatever its name is. */
function label({ kind, attributes, name }: ReceivedSpan): string {
  if (kind === 'INTERNAL') return name === 'request' || name === 'housekeeping' ? name : 'transaction';
  const type = attributes['messaging.operation.type'];
  if (type === undefined) return 'admin';
  if (typeof type === 'string' && type !== 'process') return type;
  return attributes['messaging.batch.message_count'] === undefined ? 'message' : 'batch';
}

interface Names {
  readonly transaction: string;
  readonly send: string;
  readonly batch: string;
  readonly message: string;
  readonly settle: string;
  readonly admin: string;
}

const conventional = (topic: string): Names => ({
  transaction: 'transaction',
  send: `send ${topic}`,
  batch: `process ${topic}`,
  message: `process ${topic}`,
  settle: `commit ${topic}`,
  admin: `fetchTopicOffsets ${topic}`,
});

/** Options, the resulting span names for a topic, and the operation name of handled messages. */
const TABLE: readonly {
  readonly option: string;
  readonly env: Readonly<Record<string, string>>;
  readonly names: (topic: string) => Names;
  readonly handled: string;
  readonly complaints?: readonly RegExp[];
  /** True to test only kafkajs, because reading the option does not depend on the client. */
  readonly onlyKafkajs?: true;
}[] = [
  {
    option: 'none',
    env: {},
    names: conventional,
    handled: 'process',
    onlyKafkajs: true,
  },
  {
    option: 'go-agent',
    env: { [`${PREFIX}SPAN_NAME`]: 'go-agent' },
    onlyKafkajs: true,
    names: topic => ({
      transaction: 'kafka transaction',
      send: `kafka send "${topic}"`,
      batch: `kafka receive "${topic}"`,
      message: `kafka receive "${topic}"`,
      settle: `kafka commit "${topic}"`,
      admin: `kafka fetchTopicOffsets "${topic}"`,
    }),
    handled: 'receive',
  },
  {
    option: 'a function',
    env: { CONFIG: 'named' },
    names: topic => ({
      transaction: 'transaction/transaction for nobody',
      send: 'send/send for nobody',
      batch: `process/process for ${topic}`,
      message: `process/process for ${topic}`,
      settle: `commit/commit for ${topic}`,
      admin: 'admin/fetchTopicOffsets for nobody',
    }),
    handled: 'process',
  },
  {
    option: 'a function that throws, beside a filter that throws',
    env: { CONFIG: 'brokenFunctions' },
    onlyKafkajs: true,
    names: conventional,
    handled: 'process',
    complaints: [
      /error in "filter"\. The program is not affected/,
      /error in "spanName"\. The program is not affected/,
    ],
  },
];

forEachClient(client => {
  const rows = TABLE.filter(({ onlyKafkajs }) => client.name === 'kafkajs' || !onlyKafkajs);

  describe.each(rows)('span names by $option', ({ env, names, handled, complaints = [] }) => {
    let topic: string;
    let program: Run;

    beforeAll(async () => {
      const topics = await createTopics({ 'my-topic': 1 });
      topic = topics['my-topic'];
      program = await run('operations.cjs', { client, topics, env });
    }, 120_000);

    test('name every operation, and change nothing else of its place in the trace', () => {
      const spans = comparableSpans(program.spans, { label });
      const { transaction, send, batch, message, settle, admin } = names(topic);
      const places = Object.entries(spans).map(([key, { name, kind, parent }]) => [
        key,
        { name, kind, parent },
      ]);
      expect(Object.fromEntries(places)).toEqual({
        request: { name: 'request', kind: 'INTERNAL', parent: undefined },
        housekeeping: { name: 'housekeeping', kind: 'INTERNAL', parent: undefined },
        transaction: { name: transaction, kind: 'INTERNAL', parent: 'request' },
        send: { name: send, kind: 'PRODUCER', parent: 'transaction' },
        batch: { name: batch, kind: 'CONSUMER', parent: 'send' },
        message: { name: message, kind: 'CONSUMER', parent: 'send' },
        settle: { name: settle, kind: 'CLIENT', parent: 'batch' },
        admin: { name: admin, kind: 'CLIENT', parent: 'housekeeping' },
      });
    });

    test('go with the operation name, in spans', () => {
      const named = Object.entries(comparableSpans(program.spans, { label })).map(([key, { attributes }]) => [
        key,
        attributes['messaging.operation.name'],
      ]);
      expect(Object.fromEntries(named)).toEqual({
        send: 'send',
        batch: handled,
        message: handled,
        settle: 'commit',
        admin: 'fetchTopicOffsets',
      });
    });

    test.each([
      ['messaging.client.sent.messages', () => ({ send: 1 })],
      ['messaging.client.consumed.messages', () => ({ [handled]: 1 })],
      ['messaging.process.duration', () => ({ [handled]: 1 })],
      ['kafka.message.queue_time', () => ({ [handled]: 1 })],
      ['messaging.client.operation.duration', () => ({ send: 1, commit: 1 })],
    ])('and in metrics: %s', (metric, expected) => {
      expect(valuesBy(program, metric, 'messaging.operation.name')).toEqual(expected());
    });

    test('cause a warning only if a function of the program failed, and only once', () => {
      const lines = program.stderr.split('\n').filter(line => line.includes('caught an error'));
      expect(lines).toEqual(complaints.map(complaint => expect.stringMatching(complaint) as unknown));
      if (complaints.length === 0) expect(program.stderr).toBe('');
    });
  });
});
