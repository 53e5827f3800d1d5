import { exceptionEvent, expectSpans, traceOf, type ExpectedSpan } from '../../support/spans';
import { LAB_DEADLINE_MS } from '../../support/confluent';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from '../flow/attributes';
import { CONFLUENT as client } from '../flow/client';
import { run, type Run } from '../flow/run';

const ROLES = { orders: 1, ledger: 1, others: 1 };

let topics: Record<keyof typeof ROLES, string>;
let attributes: ExpectedAttributes;
let traced: Run;
let bare: Run;

beforeAll(async () => {
  topics = await createTopics(ROLES);
  attributes = await expectedAttributes(topics.ledger, undefined, client);
  traced = await run('transactions.cjs', { client, folder: 'confluent', topics });
  bare = await run('transactions.cjs', {
    client,
    folder: 'confluent',
    topics: await createTopics(ROLES),
    bare: true,
  });
}, LAB_DEADLINE_MS);

const transaction = (parent: string, outcome: string): ExpectedSpan => ({
  kind: 'INTERNAL',
  parent,
  attributes: {
    'messaging.system': 'kafka',
    'messaging.client.id': 'flow',
    'kafka.transaction.outcome': outcome,
  },
});
/** Offsets also depend on the markers of earlier transactions. */
const sent = (topic: string, parent: string): ExpectedSpan => ({
  name: `send ${topic}`,
  kind: 'PRODUCER',
  parent,
  attributes: {
    ...attributes('send', topic, { partition: 0 }),
    'messaging.kafka.offset': expect.any(Number) as unknown,
  },
});
/** Returns the spans of a trace without consumer spans. */
const produced = (root: string) => traceOf(traced.spans, root).filter(({ kind }) => kind !== 'CONSUMER');
const byPlace = {
  label: ({ name, spanId }: { name: string; spanId: string }) => {
    if (name !== `send ${topics.ledger}`) return name;
    return `send at ${Number(traced.spans.find(span => span.spanId === spanId)?.attributes['messaging.kafka.offset'])}`;
  },
};

test('every call has the same result, and consumers get the same messages, as without instrumentation', () => {
  expect(traced.reported).toEqual(bare.reported);
  expect(traced.reported['committed']).toEqual(['1']);
});

test.each([
  ['first', 'committed'],
  ['second', 'aborted'],
  ['third', 'committed'],
])('each transaction of a producer has one span: the %s', (name, outcome) => {
  const { ledger, others } = topics;
  const ofLedger = produced(name).filter(({ name: is }) => is === `send ${ledger}`);
  const [first, second] = ofLedger
    .map(({ attributes: { 'messaging.kafka.offset': offset } }) => Number(offset))
    .sort((one, other) => one - other);
  expectSpans(produced(name), byPlace).toEqual({
    [name]: { kind: 'INTERNAL' },
    transaction: transaction(name, outcome),
    [`send at ${String(first)}`]: sent(ledger, 'transaction'),
    [`of ${name}`]: { kind: 'INTERNAL', parent: name },
    [`send at ${String(second)}`]: sent(ledger, 'transaction'),
    // Sent by another producer at the same time.
    [`beside ${name}`]: { kind: 'INTERNAL', parent: name },
    [`send ${others}`]: sent(others, `beside ${name}`),
  });
});

test.each(['before', 'after'])('a send outside of transactions is not a child of one: %s', name => {
  const message = 'Local: Erroneous state';
  const { ledger } = topics;
  expectSpans(traceOf(traced.spans, name)).toEqual({
    [name]: { kind: 'INTERNAL' },
    [`send ${ledger}`]: {
      kind: 'PRODUCER',
      parent: name,
      attributes: attributes('send', ledger, { error: '_STATE' }),
      status: { code: 'ERROR', message },
      events: [exceptionEvent('LibrdKafkaError', message)],
    },
  });
});

test("the span of sendOffsets is a child of the transaction, with the consumer's group, and none is made outside of one", () => {
  const { orders, ledger } = topics;
  const root = `send ${orders}`;
  expectSpans(produced(root)).toEqual({
    [root]: { kind: 'PRODUCER', attributes: attributes('send', orders, { partition: 0, offset: 0 }) },
    transaction: transaction('not exported', 'committed'),
    [`send ${ledger}`]: sent(ledger, 'transaction'),
    [`commit ${orders}`]: {
      kind: 'CLIENT',
      parent: 'transaction',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'commit',
        'messaging.operation.type': 'settle',
        'messaging.destination.name': orders,
        'messaging.destination.partition.id': '0',
        'messaging.kafka.partition': 0,
        'messaging.consumer.group.name': orders,
        'messaging.client.id': 'flow',
      },
    },
  });
});
