import type { ReceivedSpan } from '../../support/otlp';
import { expectSpans, type ExpectedSpan } from '../../support/spans';
import { LAB_DEADLINE_MS } from '../../support/confluent';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from '../flow/attributes';
import { CONFLUENT as client } from '../flow/client';
import { run, type Run } from '../flow/run';

const ROLES = { resolving: 1, partly: 1, seeking: 1, pausing: 1, concurrent: 8 };
type Role = keyof typeof ROLES;

let topics: Record<Role, string>;
let attributes: ExpectedAttributes;
let traced: Run;
let bare: Run;

beforeAll(async () => {
  topics = await createTopics(ROLES);
  attributes = await expectedAttributes(topics.concurrent, undefined, client);
  traced = await run('handlers.cjs', { client, folder: 'confluent', topics });
  bare = await run('handlers.cjs', {
    client,
    folder: 'confluent',
    topics: await createTopics(ROLES),
    bare: true,
  });
}, LAB_DEADLINE_MS);

/** Compares the consumer spans of a topic. Their labels are numbers in the order of their start, by partition. */
function expectProcessed(
  role: Role,
  parent: (partition: number) => string,
  expected: Readonly<Record<string, ExpectedSpan>>,
): void {
  const spans = traced.spans.filter(({ name }) => name === `process ${topics[role]}`);
  const sends = traced.spans.filter(({ name }) => name === `send ${topics[role]}`);
  const known = Object.fromEntries(
    sends.map(({ traceId, spanId, attributes: { 'messaging.kafka.partition': partition } }) => [
      `${traceId}-${spanId}`,
      parent(Number(partition)),
    ]),
  );
  const offset = ({ attributes: all }: ReceivedSpan) => all['messaging.kafka.offset'] as number | undefined;
  const label = (span: ReceivedSpan) =>
    `${Number(span.attributes['messaging.kafka.partition'])} at ${String(offset(span) ?? 'batch')}`;
  expectSpans(spans, { label, known }).toEqual(expected);
}

const processed = (role: Role, partition: number, offset: number): ExpectedSpan => ({
  name: `process ${topics[role]}`,
  kind: 'CONSUMER',
  parent: 'send',
  links: [{ to: 'send' }],
  attributes: attributes('process', topics[role], { partition, offset }),
});

test('every message is received, and every offset committed, as without instrumentation', () => {
  const { order, ...others } = traced.reported;
  const { order: bareOrder, ...bareOthers } = bare.reported;
  expect(order).toEqual(bareOrder);
  expect(others).toEqual(bareOthers);
});

test('eight partitions at once keep their contexts apart', () => {
  expect(traced.reported).toMatchObject({ lost: [], most: 8 });
  const expected: Record<string, ExpectedSpan> = {};
  for (let partition = 0; partition < 8; partition++) {
    for (let offset = 0; offset < 5; offset++) {
      const send = `send ${partition}`;
      expected[`${partition} at ${offset}`] = {
        ...processed('concurrent', partition, offset),
        parent: send,
        links: [{ to: send }],
      };
    }
  }
  expectProcessed('concurrent', partition => `send ${partition}`, expected);
});

test('a batch that the library resolves has one span', () => {
  const spans = traced.spans.filter(({ name }) => name === `process ${topics.resolving}`);
  const count = ({ attributes: all }: ReceivedSpan) => Number(all['messaging.batch.message_count']);
  expect(spans.reduce((sum, span) => sum + count(span), 0)).toBe(6);
});

test('each delivery of a batch that its handler resolves in part has a span', () => {
  expect(traced.reported['partly']).toEqual(['0', '1', '2', '3', '4', '5']);
  const spans = traced.spans.filter(({ name }) => name === `process ${topics.partly}`);
  const isBatch = ({ attributes: all }: ReceivedSpan) => all['messaging.batch.message_count'] !== undefined;
  const offsets = spans.filter(span => !isBatch(span)).map(span => span.attributes['messaging.kafka.offset']);
  expect(spans.filter(isBatch)).toHaveLength(6);
  expect(offsets.sort()).toEqual([0, 1, 2, 3, 4, 5]);
});

test('after a seek in a handler, each delivery has its own span', () => {
  expect(traced.reported['sought']).toEqual(['0', '1', '2', '1', '2', '3', '4', '5']);
  const span = (offset: number) => processed('seeking', 0, offset);
  expectProcessed('seeking', () => 'send', {
    '0 at 0': span(0),
    '0 at 1 #1': span(1),
    '0 at 1 #2': span(1),
    '0 at 2 #1': span(2),
    '0 at 2 #2': span(2),
    '0 at 3': span(3),
    '0 at 4': span(4),
    '0 at 5': span(5),
  });
});

test('a partition paused and resumed in its handlers has one span per message', () => {
  expect(traced.reported['paused']).toEqual(['0', '1', '2', [[0]], '3', '4', '5']);
  const span = (offset: number) => processed('pausing', 0, offset);
  expectProcessed(
    'pausing',
    () => 'send',
    Object.fromEntries([0, 1, 2, 3, 4, 5].map(offset => [`0 at ${offset}`, span(offset)])),
  );
});
