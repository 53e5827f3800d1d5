import { expectSpans, traceOf, type ExpectedSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from '../flow/attributes';
import { forEachClient, type Client } from '../flow/client';
import { run, valuesBy, type Run } from './run';

/** How messages of the excluded topics are handled. */
const WAYS = ['message', 'batch', 'within', 'ledger'] as const;
type Way = (typeof WAYS)[number];

/** The patterns match the names of excluded topics, which begin with `hidden-`. */
async function makeTopics(): Promise<Record<Way | 'first' | 'last', string>> {
  const made = await createTopics({
    ...{ first: 1, last: 1 },
    ...{ 'hidden-message': 1, 'hidden-batch': 1, 'hidden-within': 1, 'hidden-ledger': 1 },
  });
  const hidden = WAYS.map(way => [way, made[`hidden-${way}`]] as const);
  return { first: made.first, last: made.last, ...(Object.fromEntries(hidden) as Record<Way, string>) };
}

type Topics = Awaited<ReturnType<typeof makeTopics>>;

/**
 * All forms of the same filter. Reading them does not depend on the client, so Confluent's client is tested with the
 * last form only.
 */
const FORMS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['an exclusion in the environment', { OTEL_INSTRUMENTATION_KAFKA_TOPICS: '!hidden-*' }],
  ['an inclusion in the environment', { OTEL_INSTRUMENTATION_KAFKA_TOPICS: '{first,last}-*' }],
  ['an excluding glob', { CONFIG: 'excluded' }],
  ['an excluding regular expression', { CONFIG: 'expression' }],
  ['an including list of both', { CONFIG: 'included' }],
  ['a filter', { CONFIG: 'filtered' }],
  ['a filter beside unlisted topics', { CONFIG: 'recording' }],
];

const formsOf = ({ name }: Client) => (name === 'kafkajs' ? FORMS : FORMS.slice(-1));

forEachClient(client => {
  describe.each(formsOf(client))('topics excluded by %s', (_form, env) => {
    let topics: Topics;
    let program: Run;
    let attributes: ExpectedAttributes;

    beforeAll(async () => {
      topics = await makeTopics();
      attributes = await expectedAttributes(topics.first, undefined, client);
      program = await run('passage.cjs', { client, topics, env });
    }, 120_000);

    const span = (
      operation: 'send' | 'process',
      role: 'first' | 'last',
      key: Way,
      parent: string,
    ): ExpectedSpan => ({
      name: `${operation} ${topics[role]}`,
      kind: operation === 'send' ? 'PRODUCER' : 'CONSUMER',
      parent,
      links: operation === 'send' ? [] : [{ to: parent }],
      attributes: {
        ...attributes(operation, topics[role], { partition: 0, key }),
        'messaging.kafka.offset': expect.any(Number) as unknown,
      },
    });

    test.each(['message', 'batch', 'within'] as const)(
      'have no spans, and the trace continues through them: %s',
      way => {
        const label = ({ name }: { name: string }) => name.replace(/-\w+$/, '');
        expectSpans(traceOf(program.spans, `request ${way}`), { label }).toEqual({
          [`request ${way}`]: { kind: 'INTERNAL' },
          'send first': span('send', 'first', way, `request ${way}`),
          'process first': span('process', 'first', way, 'send first'),
          'send last': span('send', 'last', way, 'process first'),
          'process last': span('process', 'last', way, 'send last'),
        });
      },
    );

    test('propagate the span of their transaction', () => {
      const label = ({ name }: { name: string }) => name.replace(/-\w+$/, '');
      expectSpans(traceOf(program.spans, 'request ledger'), { label }).toEqual({
        'request ledger': { kind: 'INTERNAL' },
        transaction: {
          kind: 'INTERNAL',
          parent: 'request ledger',
          attributes: expect.objectContaining({ 'kafka.transaction.outcome': 'committed' }) as Record<
            string,
            unknown
          >,
        },
        'send last': span('send', 'last', 'ledger', 'transaction'),
        'process last': span('process', 'last', 'ledger', 'send last'),
      });
    });

    test('appear in no other trace either', () => {
      expect(program.spans).toHaveLength(3 * 5 + 4);
    });

    test('propagate trace and baggage to every handler', () => {
      const expected = WAYS.flatMap(tenant => {
        const traceId = traceOf(program.spans, `request ${tenant}`)[0]?.traceId;
        const active = { tenant, traceId };
        return [
          [tenant, active],
          [`last ${tenant}`, active],
        ];
      });
      expect(program.reported['seen']).toEqual(Object.fromEntries(expected));
    });

    test.each(['messaging.client.sent.messages', 'messaging.client.consumed.messages'])(
      'are still counted: %s',
      metric => {
        expect(valuesBy(program, metric, 'messaging.destination.name')).toEqual({
          [topics.first]: 3,
          [topics.message]: 1,
          [topics.batch]: 1,
          [topics.within]: 1,
          [topics.ledger]: 1,
          [topics.last]: 4,
        });
      },
    );

    test('still have handler durations', () => {
      const handled = valuesBy(program, 'messaging.process.duration', 'messaging.destination.name');
      for (const way of WAYS) expect(handled[topics[way]]).toBe(1);
    });

    test('cause no warnings', () => {
      expect(program.stderr).toBe('');
    });

    if (env['CONFIG'] === 'recording')
      test('the filter is called once per operation with the documented arguments', () => {
        const { reported } = program;
        const message = (kind: 'send' | 'process', topic: string, key: Way) => ({
          kind,
          name: kind,
          topic,
          messageCount: 1,
          key,
          ...(kind === 'process' ? { group: topic, headers: ['traceparent', 'baggage'] } : {}),
        });
        const asked = reported['operations'] as readonly object[];
        expect(asked).toHaveLength(15);
        expect(asked).toEqual(
          expect.arrayContaining([
            ...(['message', 'batch', 'within'] as const).flatMap(key => [
              message('send', topics.first, key),
              message('process', topics.first, key),
            ]),
            { kind: 'transaction', name: 'transaction' },
            ...WAYS.flatMap(key => [message('send', topics.last, key), message('process', topics.last, key)]),
          ]),
        );
      });
  });
});
