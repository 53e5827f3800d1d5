import type { ReceivedSpan } from '../../support/otlp';
import { comparableSpans, type ComparableSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from './attributes';
import { run, type Run } from './run';
import { forEachClient } from './client';

forEachClient(client => {
  const ROLES = { both: 1, parent: 1, link: 1, inject: 1, extract: 1, off: 1, sink: 1 };
  type Role = keyof typeof ROLES;

  let topics: Record<Role, string>;
  let program: Run;
  let spans: Record<string, ComparableSpan>;
  let ofMessages: ExpectedAttributes;
  let ofBatches: ExpectedAttributes;

  beforeAll(async () => {
    topics = await createTopics(ROLES);
    ofMessages = await expectedAttributes(topics.both, () => topics.both, client);
    ofBatches = await expectedAttributes(topics.both, () => `${topics.both}-batch`, client);
    program = await run('options.cjs', {
      client,
      topics,
      env: {
        OTEL_INSTRUMENTATION_KAFKA_CONSUMER_CONTEXT: 'parent-and-link,parent-*=parent,link-*=link',
        OTEL_INSTRUMENTATION_KAFKA_PROPAGATION: 'true,inject-*=inject,extract-*=extract,off-*=false',
      },
    });
    spans = comparableSpans(program.spans, { label });
  }, 120_000);

  /** `send both` and `process both`. In the second group, `batch both` and `message both`. */
  function label({ name, attributes }: ReceivedSpan): string {
    const [, operation, role] = /^(send|process) (\w+)-\w+$/.exec(name) ?? [];
    if (operation === undefined || role === undefined) return name;
    if (role === 'sink') return `forward ${attributes['messaging.kafka.message.key'] as string}`;
    const inBatches = (attributes['messaging.consumer.group.name'] as string | undefined)?.endsWith('-batch');
    if (!inBatches) return `${operation} ${role}`;
    return attributes['messaging.batch.message_count'] === undefined ? `message ${role}` : `batch ${role}`;
  }

  /** Creates an expected span for the topic of a role. `links` are labels, with or without attributes. */
  function expectSpan(
    name: string,
    expected: Partial<Omit<ComparableSpan, 'attributes'>> & { attributes: object },
  ): void {
    expect(spans[name]).toEqual({
      ...{ parent: undefined, links: [], events: [], status: { code: 'UNSET', message: '' } },
      ...expected,
    });
  }
  const link = (to: string, attributes = {}) => ({ to, attributes });
  const seen = (what: string, role: Role) => (program.reported[what] as Record<Role, unknown>)[role];

  interface Expectation {
    /** The headers on the broker, and the tenant from the baggage in the handler. */
    readonly headers: string;
    readonly tenant: string;
    /** Parent and links of the span of `eachMessage`. */
    readonly parent: string | undefined;
    readonly links: readonly string[];
  }

  const TABLE: Readonly<Record<Exclude<Role, 'sink'>, Expectation>> = {
    both: { headers: 'traceparent baggage', tenant: 'both', parent: 'send both', links: ['send both'] },
    parent: { headers: 'traceparent baggage', tenant: 'parent', parent: 'send parent', links: [] },
    link: { headers: 'traceparent baggage', tenant: 'link', parent: undefined, links: ['send link'] },
    inject: { headers: 'traceparent baggage', tenant: 'none', parent: undefined, links: [] },
    extract: {
      headers: 'traceparent',
      tenant: 'none',
      parent: 'stranger of extract',
      links: ['stranger of extract'],
    },
    off: { headers: 'traceparent', tenant: 'none', parent: undefined, links: [] },
  };
  const rows = Object.entries(TABLE) as [Exclude<Role, 'sink'>, Expectation][];

  describe.each(rows)(
    'consumerContext and propagation by topic: %s',
    (role, { headers, tenant, parent, links }) => {
      const facts = { partition: 0, offset: 0, key: role };

      test('headers and baggage are as configured', () => {
        expect(seen('seen', role)).toEqual({ headers, tenant });
        // With `link`, a message keeps its baggage, and so does a batch with a single producer.
        expect(seen('ofBatch', role)).toEqual({ batch: tenant, message: tenant });
      });

      test('the send span is as configured', () => {
        expectSpan(`send ${role}`, {
          name: `send ${topics[role]}`,
          kind: 'PRODUCER',
          parent: `request ${role}`,
          attributes: ofMessages('send', topics[role], facts),
        });
      });

      test('the span of a message is as configured', () => {
        expectSpan(`process ${role}`, {
          name: `process ${topics[role]}`,
          kind: 'CONSUMER',
          parent,
          links: links.map(to => link(to)),
          attributes: ofMessages('process', topics[role], facts),
        });
      });

      test('the span of a batch is as configured', () => {
        expectSpan(`batch ${role}`, {
          name: `process ${topics[role]}`,
          kind: 'CONSUMER',
          parent,
          links: links.map(to =>
            link(to, { 'messaging.kafka.offset': 0, 'messaging.kafka.message.key': role }),
          ),
          attributes: ofBatches('process', topics[role], { partition: 0, count: 1 }),
        });
      });

      test('the span of a message in a batch has the send as its parent, or else the batch span', () => {
        expectSpan(`message ${role}`, {
          name: `process ${topics[role]}`,
          kind: 'CONSUMER',
          parent: parent ?? `batch ${role}`,
          links: [...links, ...(parent === undefined ? [] : [`batch ${role}`])].map(to => link(to)),
          attributes: ofBatches('process', topics[role], facts),
        });
      });

      test.each([
        [role as string, `process ${role}`],
        [`batch ${role}`, `batch ${role}`],
      ])(
        'a message forwarded with its headers continues the current trace, even if the headers were not read: %s',
        (key, handler) => {
          const forwarded = `forward ${key}`;
          const offset = Number(spans[forwarded]?.attributes['messaging.kafka.offset']);
          expectSpan(forwarded, {
            name: `send ${topics.sink}`,
            kind: 'PRODUCER',
            parent: handler,
            attributes: ofMessages('send', topics.sink, { partition: 0, offset, key }),
          });
        },
      );
    },
  );
});
