import type { ReceivedSpan } from '../../support/otlp';
import { createTopics } from '../../support/topics';
import { forEachClient, type Client } from '../flow/client';
import { run, type Run } from './run';

type Captured = Readonly<Record<string, readonly string[]>>;

const many: Captured = Object.fromEntries(
  Array.from({ length: 16 }, (_, index) => [`x-${index + 10}`, ['v']]),
);

/** Recorded headers by message key. The captured headers are `x-*` and `tenant`. */
const TABLE: Readonly<Record<string, Captured>> = {
  chosen: { tenant: ['acme'], 'x-request': ['7'] },
  repeated: { tenant: ['acme', 'bolt'] },
  often: { tenant: ['0', '1', '2', '3', '4', '5', '6', '7'] },
  many,
  long: { tenant: ['v'.repeat(256)] },
  binary: { 'x-mixed': ['text'] },
  endless: {},
  hostile: { 'x-hasOwnProperty': ['h'] },
  none: {},
};

/** The option in code also captures names that every object inherits, if the client can send them. */
const inCode = (client: Client) => ({
  ...TABLE,
  hostile: {
    ...(client.name === 'kafkajs' ? { ['__proto__']: ['p'] } : {}),
    constructor: ['c'],
    'x-hasOwnProperty': ['h'],
  },
});
const NOTHING = Object.fromEntries(Object.keys(TABLE).map(key => [key, {}]));

const HEADER = 'messaging.header.';
const capturedOf = ({ attributes }: ReceivedSpan) =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      name.startsWith(HEADER) ? [[name.slice(HEADER.length), value] as const] : [],
    ),
  );

forEachClient(client => {
  describe.each([
    ['by the environment', { OTEL_INSTRUMENTATION_KAFKA_CAPTURE_HEADERS: 'tenant, x-*' }, TABLE],
    ['in code', { CONFIG: 'expressions' }, inCode(client)],
    ['not at all', {}, NOTHING],
  ] as const)('headers that are chosen %s', (_how, env, expected) => {
    let topics: Record<'single' | 'several', string>;
    let program: Run;
    beforeAll(async () => {
      topics = await createTopics({ single: 1, several: 1 });
      program = await run('headers.cjs', { client, topics, env });
    }, 120_000);

    test.each(['send', 'process'])(
      'are recorded on spans of single messages, within limits: %s',
      operation => {
        const spans = program.spans.filter(({ name }) => name === `${operation} ${topics.single}`);
        const captured = spans.map(span => [
          span.attributes['messaging.kafka.message.key'],
          capturedOf(span),
        ]);
        expect(Object.fromEntries(captured)).toEqual(expected);
      },
    );

    test('are not recorded on spans of several messages', () => {
      const spans = program.spans.filter(({ name }) => name.endsWith(topics.several));
      expect(spans.map(span => [span.kind, capturedOf(span)])).toEqual([
        ['PRODUCER', {}],
        ['CONSUMER', {}],
      ]);
    });

    test('never include the payload, and cause no warnings', () => {
      const everything = JSON.stringify(program.spans.map(({ attributes }) => attributes));
      expect(everything).not.toContain('payload');
      expect(program.stderr).toBe('');
    });
  });
});
