import { exceptionEvent, expectSpans, type ExpectedSpan } from '../../support/spans';
import { LAB_DEADLINE_MS } from '../../support/confluent';
import { createTopics } from '../../support/topics';
import { CONFLUENT } from '../flow/client';
import { run, type Run } from '../flow/run';

const ROLES = { topic: 1, other: 1 };

let topics: Record<keyof typeof ROLES, string>;
let traced: Run;
let bare: Run;

beforeAll(async () => {
  topics = await createTopics(ROLES);
  const options = { client: CONFLUENT, folder: 'confluent' };
  traced = await run('leaving.cjs', { ...options, topics, metrics: true });
  bare = await run('leaving.cjs', { ...options, topics: await createTopics(ROLES), bare: true });
}, LAB_DEADLINE_MS);

test('clients that disconnect in the middle leave nothing behind, and the program ends as without instrumentation', () => {
  expect(traced.reported).toEqual(bare.reported);
  expect(traced.reported).toMatchObject({ connected: [false, false, false], handles: [] });
});

test('a send, a handler and a transaction that are open when their client disconnects have spans', () => {
  const { topic, other } = topics;
  const base = { 'messaging.system': 'kafka', 'messaging.client.id': 'leaving' };
  const at = (operation: string, destination: string, offset: number) => ({
    ...base,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': destination,
    'messaging.destination.partition.id': '0',
    'messaging.kafka.partition': 0,
    'messaging.kafka.offset': offset,
  });
  const send = (offset: number): ExpectedSpan => ({
    name: `send ${topic}`,
    kind: 'PRODUCER',
    attributes: at('send', topic, offset),
  });
  const message = 'Cannot send without awaiting connect()';
  const offset = ({ attributes }: Run['spans'][number]) => attributes['messaging.kafka.offset'];
  const label = (span: Run['spans'][number]) =>
    span.name === `send ${topic}` ? `send ${Number(offset(span))}` : span.name;
  expectSpans(traced.spans, { label }).toEqual({
    transaction: { kind: 'INTERNAL', attributes: { ...base, 'kafka.transaction.outcome': 'abandoned' } },
    [`send ${other}`]: { kind: 'PRODUCER', parent: 'transaction', attributes: at('send', other, 0) },
    'send 0': send(0),
    'send 1': send(1),
    'send NaN': {
      name: `send ${topic}`,
      kind: 'PRODUCER',
      attributes: {
        ...base,
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': topic,
        'error.type': '_STATE',
      },
      status: { code: 'ERROR', message },
      events: [exceptionEvent('KafkaJSError', message)],
    },
    [`process ${topic}`]: {
      kind: 'CONSUMER',
      parent: 'send 0',
      links: [{ to: 'send 0' }],
      attributes: { ...at('process', topic, 0), 'messaging.consumer.group.name': topic },
    },
  });
});
