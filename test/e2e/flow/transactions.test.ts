import type { ReceivedSpan } from '../../support/otlp';
import { exceptionEvent, expectSpans, traceOf, type ExpectedSpan } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { clusterAttributes, expectedAttributes, type ExpectedAttributes } from './attributes';
import { run, type Run } from './run';
import { forEachClient } from './client';

forEachClient(client => {
  const ROLES = { ledger: 1, audit: 1 };

  let topics: Record<keyof typeof ROLES, string>;
  let traced: Run;
  let bare: Run;
  let attributes: ExpectedAttributes;
  let cluster: object;
  const isKafkajs = client.name === 'kafkajs';

  beforeAll(async () => {
    topics = await createTopics(ROLES);
    ({ cluster } = await clusterAttributes(topics.ledger, client));
    attributes = await expectedAttributes(topics.ledger, () => topics.ledger, client);
    traced = await run('transactions.cjs', { client, topics });
    bare = await run('transactions.cjs', { client, topics: await createTopics(ROLES), bare: true });
  }, 180_000);

  const transaction = (parent: string, outcome: string): ExpectedSpan => ({
    kind: 'INTERNAL',
    parent,
    attributes: {
      'messaging.system': 'kafka',
      'messaging.client.id': 'flow',
      ...cluster,
      'kafka.transaction.outcome': outcome,
    },
  });
  const sent = (topic: string, parent: string, offset: number): ExpectedSpan => ({
    name: `send ${topic}`,
    kind: 'PRODUCER',
    parent,
    attributes: attributes('send', topic, { partition: 0, offset }),
  });
  const processed = (topic: string, parent: string, offset: number): ExpectedSpan => ({
    name: `process ${topic}`,
    kind: 'CONSUMER',
    parent,
    links: [{ to: parent }],
    attributes: attributes('process', topic, { partition: 0, offset }),
  });
  /** Returns the offset of the only send of a trace. Offsets also depend on the markers of earlier transactions. */
  const offsetIn = (root: string) =>
    Number(
      traceOf(traced.spans, root).find(({ name }) => name.startsWith('send'))?.attributes[
        'messaging.kafka.offset'
      ],
    );

  /** Adds the outcome to the label, because transactions can start in the same millisecond. */
  const byOutcome = {
    label: ({ name, attributes: { 'kafka.transaction.outcome': outcome = 'refused' } }: ReceivedSpan) =>
      name === 'transaction' ? `transaction ${outcome as string}` : name,
  };

  test('consumers get only committed messages, and every call has the same result as without instrumentation', () => {
    expect(traced.reported['received']).toEqual(['audit', 'committed', 'committed too', 'hasty', 'last']);
    expect(traced.reported).toEqual(bare.reported);
  });

  test('a send in a transaction is a child of its span, or of the active span inside it, and its consumers continue the trace', () => {
    const { ledger, audit } = topics;
    const refusal = isKafkajs ? 'Cannot continue to use transaction once ended' : 'Local: Erroneous state';
    const [error, thrown] = isKafkajs
      ? ['KafkaJSNonRetriableError', 'KafkaJSNonRetriableError']
      : ['_STATE', 'LibrdKafkaError'];
    expectSpans(traceOf(traced.spans, 'committed')).toEqual({
      committed: { kind: 'INTERNAL' },
      inside: { kind: 'INTERNAL', parent: 'committed' },
      transaction: transaction('committed', 'committed'),
      [`send ${ledger} #1`]: sent(ledger, 'transaction', 0),
      [`send ${ledger} #2`]: sent(ledger, 'transaction', 1),
      [`send ${audit}`]: sent(audit, 'transaction', 0),
      [`process ${ledger} #1`]: processed(ledger, `send ${ledger} #1`, 0),
      [`process ${ledger} #2`]: processed(ledger, `send ${ledger} #2`, 1),
      [`process ${audit}`]: processed(audit, `send ${audit}`, 0),
      [`send ${ledger} #3`]: {
        // In Confluent's client, this is a send of the producer.
        ...sent(ledger, isKafkajs ? 'transaction' : 'committed', 0),
        attributes: attributes('send', ledger, { error }),
        status: { code: 'ERROR', message: refusal },
        events: [exceptionEvent(thrown, refusal)],
      },
    });
  });

  test('an aborted transaction is not an error, and its messages have no consumer spans', () => {
    const { ledger } = topics;
    expectSpans(traceOf(traced.spans, 'aborted')).toEqual({
      aborted: { kind: 'INTERNAL' },
      transaction: transaction('aborted', 'aborted'),
      [`send ${ledger}`]: sent(ledger, 'transaction', offsetIn('aborted')),
    });
  });

  test('a transaction whose commit and abort fail has one span with the errors', () => {
    const { ledger } = topics;
    const outcomes = traced.reported['outcomes'] as Record<string, string>;
    const [, type = '', message = ''] = /^(\w+): (.*)$/.exec(outcomes['commit when fenced'] ?? '') ?? [];
    // Confluent's client allows another attempt, so the transaction ends only when the producer disconnects.
    if (isKafkajs)
      expect(outcomes['abort after failed commit']).toMatch(/Cannot continue to use transaction once ended/);
    const expected = transaction('fenced', 'unknown');
    const fenced = expect.stringMatching(/^(INVALID_PRODUCER_EPOCH|PRODUCER_FENCED|_FENCED)$/) as unknown;
    expectSpans(traceOf(traced.spans, 'fenced'), byOutcome).toEqual({
      fenced: { kind: 'INTERNAL' },
      'transaction unknown': {
        ...expected,
        name: 'transaction',
        attributes: { ...expected.attributes, 'error.type': fenced },
        status: { code: 'ERROR', message },
        events: Array.from({ length: isKafkajs ? 1 : 2 }, () => exceptionEvent(type, message)),
      },
      [`send ${ledger}`]: sent(ledger, 'transaction unknown', offsetIn('fenced')),
      // The transaction of the other producer instance.
      'transaction aborted': { ...transaction('fenced', 'aborted'), name: 'transaction' },
    });
  });

  if (isKafkajs)
    test('an abort rejected during a commit does not change the outcome of the transaction', () => {
      const { ledger } = topics;
      const offset = offsetIn('hasty');
      expectSpans(traceOf(traced.spans, 'hasty')).toEqual({
        hasty: { kind: 'INTERNAL' },
        transaction: transaction('hasty', 'committed'),
        [`send ${ledger}`]: sent(ledger, 'transaction', offset),
        [`process ${ledger}`]: processed(ledger, `send ${ledger}`, offset),
      });
    });

  test('an open transaction ends when its producer disconnects', () => {
    const { ledger } = topics;
    expectSpans(traceOf(traced.spans, 'abandoned')).toEqual({
      abandoned: { kind: 'INTERNAL' },
      transaction: transaction('abandoned', 'abandoned'),
      [`send ${ledger}`]: sent(ledger, 'transaction', offsetIn('abandoned')),
    });
  });

  test('a transaction without messages has a span', () => {
    expectSpans(traceOf(traced.spans, 'empty')).toEqual({
      empty: { kind: 'INTERNAL' },
      transaction: transaction('empty', 'committed'),
    });
  });

  describe('a transaction that the library does not begin has a failed span without outcome', () => {
    const refused = (parent: string, call: string, known: object, error?: string): ExpectedSpan => {
      const outcome = (traced.reported['outcomes'] as Record<string, string>)[call] ?? '';
      const [, type = '', message = ''] = /^(\w+): (.*)$/.exec(outcome) ?? [];
      return {
        name: 'transaction',
        kind: 'INTERNAL',
        parent,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.client.id': 'flow',
          ...known,
          'error.type': error ?? type,
        },
        status: { code: 'ERROR', message },
        events: [exceptionEvent(type, message)],
      };
    };

    test('if the producer has no transactional id and no metadata yet', () => {
      expectSpans(traceOf(traced.spans, 'no id')).toEqual({
        'no id': { kind: 'INTERNAL' },
        transaction: refused('no id', 'no transactional id', {}, isKafkajs ? undefined : '_NOT_CONFIGURED'),
      });
    });

    test('if another transaction is open, which is not affected', () => {
      expectSpans(traceOf(traced.spans, 'twice'), byOutcome).toEqual({
        twice: { kind: 'INTERNAL' },
        'transaction aborted': { ...transaction('twice', 'aborted'), name: 'transaction' },
        'transaction refused': refused('twice', 'second at once', cluster, isKafkajs ? undefined : '_STATE'),
      });
    });
  });
});
