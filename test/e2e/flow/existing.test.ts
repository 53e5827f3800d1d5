import type { ReceivedSpan } from '../../support/otlp';
import { comparableSpans, type ComparableSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from './attributes';
import { run, type Run } from './run';
import { describeLargeBatches, forEachClient } from './client';

forEachClient(client => {
  const ROLES = { source: 1, batches: 1, target: 1 };
  const POLICY = 'OTEL_INSTRUMENTATION_KAFKA_EXISTING_CONTEXT';

  let target: string;
  let attributes: ExpectedAttributes;
  let auto: Run;
  let keep: Run;
  let replace: Run;

  beforeAll(async () => {
    const topics = await createTopics(ROLES);
    target = topics.target;
    attributes = await expectedAttributes(target, undefined, client);
    auto = await run('existing.cjs', { client, topics });
    keep = await run('existing.cjs', {
      client,
      topics: await createTopics(ROLES),
      env: { [POLICY]: 'keep' },
    });
    replace = await run('existing.cjs', {
      client,
      topics: await createTopics(ROLES),
      env: { [POLICY]: 'replace' },
    });
  }, 180_000);

  /**
   * The label has the operation, the topic (except for the target topic) and the key: `send forwarded`, `process
   * source`.
   */
  function label({ name, attributes: { 'messaging.kafka.message.key': key = '' } }: ReceivedSpan): string {
    const [, operation, role] = /^(send|process) (\w+)-\w+$/.exec(name) ?? [];
    if (operation === undefined || role === undefined) return name;
    return [operation, role === 'target' ? '' : role, key as string].filter(Boolean).join(' ');
  }
  const spansOf = (program: Run) => comparableSpans(program.spans, { label });

  const offsetOf = (key: string) => {
    const span = auto.spans.find(each => label(each) === `process ${key}`);
    return Number(span?.attributes['messaging.kafka.offset']);
  };

  function sent(key: string, span: Pick<ComparableSpan, 'kind' | 'parent' | 'links'>) {
    const facts = key === '' ? { count: 2 } : { offset: offsetOf(key), key };
    return {
      name: `send ${target}`,
      attributes: attributes('send', target, { partition: 0, ...facts }),
      events: [],
      status: { code: 'UNSET', message: '' },
      ...span,
    };
  }
  const processed = (key: string, parent: string) => ({
    name: `process ${target}`,
    kind: 'CONSUMER',
    parent,
    links: [{ to: parent, attributes: {} }],
    attributes: attributes('process', target, { partition: 0, offset: offsetOf(key), key }),
    events: [],
    status: { code: 'UNSET', message: '' },
  });
  const headersOf = (program: Run, key: string) =>
    (program.reported['received'] as Record<string, unknown>)[key];

  /** Forwarded messages. They carry the context of the original message. */
  const CARRIED: readonly [key: string, parent: string, origin: string][] = [
    ['forwarded', 'process source', 'send source'],
    ['decoded', 'process source', 'send source'],
    ['dead letter', 'process source', 'send source'],
    ['from a span of the handler', 'retry', 'send source'],
    ['message 1', 'process batches 1', 'send batches 1'],
    ['message 2', 'process batches 2', 'send batches 2'],
    ['http', 'POST', 'caller'],
    ['http in capitals', 'POST', 'caller'],
  ];

  const CARRIED_IN_BATCH: typeof CARRIED = [
    ['batch 1', 'process batches', 'send batches 1'],
    ['batch 2', 'process batches', 'send batches 2'],
  ];

  /** Messages whose context was set by the program. */
  const MEANT: readonly [key: string, parent: string | undefined, row: string][] = [
    ['text', 'relay text', 'text row'],
    ['bytes', 'relay bytes', 'bytes row'],
    ['no relay span', undefined, 'row without relay span'],
    ['propagated', 'checkout', 'store'],
  ];

  describe('existing trace headers of a message', () => {
    const testReplaced = (messages: typeof CARRIED) => {
      test.each(messages)('of a forwarded message are replaced by the current context: %s', (key, parent) => {
        const spans = spansOf(auto);
        expect(spans[`send ${key}`]).toEqual(sent(key, { kind: 'PRODUCER', parent, links: [] }));
        expect(spans[`process ${key}`]).toEqual(processed(key, `send ${key}`));
      });
    };
    testReplaced(CARRIED);
    describeLargeBatches(client, () => {
      testReplaced(CARRIED_IN_BATCH);
    });

    test.each(MEANT)(
      'set by the program are kept, and the send links to their context: %s',
      (key, parent, row) => {
        const spans = spansOf(auto);
        expect(spans[`send ${key}`]).toEqual(
          sent(key, { kind: 'CLIENT', parent, links: [{ to: row, attributes: {} }] }),
        );
        expect(spans[`process ${key}`]).toEqual(processed(key, row));
      },
    );

    test('of one message of a call are kept, while the other messages get the context of the send', () => {
      const spans = spansOf(auto);
      const links = [{ to: 'mixed row', attributes: {} }];
      expect(spans['send']).toEqual(sent('', { kind: 'PRODUCER', parent: 'relay mixed', links }));
      expect(spans['process mixed row']).toEqual(processed('mixed row', 'mixed row'));
      expect(spans['process mixed new']).toEqual(processed('mixed new', 'send'));
    });

    test('without a valid context are replaced', () => {
      const spans = spansOf(auto);
      expect(spans['send garbage']).toEqual(
        sent('garbage', { kind: 'PRODUCER', parent: 'relay garbage', links: [] }),
      );
      expect(spans['process garbage']).toEqual(processed('garbage', 'send garbage'));
    });

    test.each<[key: string, headers: string, tenant: string | undefined]>([
      ['forwarded', 'own traceparent', undefined],
      ['dead letter', 'own reason traceparent', undefined],
      ['http', 'baggage host traceparent user-agent', 'http'],
      ['http in capitals', 'baggage host traceparent', 'http'],
      ['text', 'baggage traceparent', 'text row'],
      ['bytes', 'baggage traceparent', 'bytes row'],
      ['mixed row', 'baggage traceparent', 'mixed row'],
      ['mixed new', 'baggage traceparent', 'relay'],
      ['garbage', 'baggage traceparent', 'relay'],
    ])(
      'in other spellings are replaced too, and baggage is treated like its traceparent: %s',
      (key, headers, tenant) => {
        expect(headersOf(auto, key)).toEqual({ headers, ...(tenant === undefined ? {} : { tenant }) });
      },
    );
  });

  describe('existingContext', () => {
    const parents = (program: Run) => {
      const spans = Object.entries(spansOf(program)).filter(([, { name }]) =>
        name.startsWith('process target-'),
      );
      return Object.fromEntries(spans.map(([name, { parent }]) => [name.replace('process ', ''), parent]));
    };
    const linksOf = (program: Run) =>
      Object.fromEntries(
        Object.entries(spansOf(program))
          .filter(([, { name }]) => name.startsWith('send target-'))
          .map(([name, { kind, links }]) => [name, [kind, ...links.map(({ to }) => to)]]),
      );

    test("'keep' keeps every valid context and links to it", () => {
      const all = [...CARRIED, ...CARRIED_IN_BATCH, ...MEANT];
      expect(parents(keep)).toEqual({
        ...Object.fromEntries(all.map(([key, , origin]) => [key, origin])),
        'mixed row': 'mixed row',
        'mixed new': 'send',
        garbage: 'send garbage',
      });
      expect(linksOf(keep)).toEqual({
        ...Object.fromEntries(all.map(([key, , origin]) => [`send ${key}`, ['CLIENT', origin]])),
        send: ['PRODUCER', 'mixed row'],
        'send garbage': ['PRODUCER'],
      });
    });

    test("'replace' gives every message the context of its send", () => {
      const keys = [
        ...[...CARRIED, ...CARRIED_IN_BATCH].map(([key]) => key),
        ...MEANT.map(([key]) => key),
        'garbage',
      ];
      expect(parents(replace)).toEqual({
        ...Object.fromEntries(keys.map(key => [key, `send ${key}`])),
        'mixed row': 'send',
        'mixed new': 'send',
      });
      expect(linksOf(replace)).toEqual(
        Object.fromEntries([...keys.map(key => `send ${key}`), 'send'].map(name => [name, ['PRODUCER']])),
      );
    });
  });
});
