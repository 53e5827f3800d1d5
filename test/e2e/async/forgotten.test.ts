import { exceptionEvent, expectSpans, traceOf } from '../../support/spans';
import { createTopics } from '../../support/topics';
import { expectedAttributes, type ExpectedAttributes } from '../flow/attributes';
import { run, type Run } from '../flow/run';

const ROLES = { many: 1, large: 1, unacknowledged: 1 };
const REQUESTS = Array.from({ length: 300 }, (_, index) => index);

let topics: Record<keyof typeof ROLES, string>;
let traced: Run;
let bare: Run;
let attributes: ExpectedAttributes;

beforeAll(async () => {
  topics = await createTopics(ROLES);
  attributes = await expectedAttributes(topics.many, () => topics.many);
  [traced, bare] = await Promise.all([
    run('forgotten.cjs', {
      folder: 'async',
      topics,
      // Do not add headers to large messages, because the instrumentation would log a warning.
      env: { OTEL_INSTRUMENTATION_KAFKA_PROPAGATION: 'true,large-*=false' },
    }),
    run('forgotten.cjs', { folder: 'async', topics: await createTopics(ROLES), bare: true }),
  ]);
}, 120_000);

test('messages are the same as without instrumentation, with the baggage of their own request', () => {
  expect(traced.reported).toEqual(bare.reported);
  expect(traced.reported).toMatchObject({ received: REQUESTS, astray: [] });
});

test('a failed send without await causes exactly one unhandled rejection', () => {
  expect(traced.reported['unhandled']).toEqual([
    'KafkaJSNonRetriableError: Invalid message without value for topic "large": {"key":"no value"}',
    'KafkaJSProtocolError: MESSAGE_TOO_LARGE',
  ]);
  expect(traced.reported['unhandled']).toEqual(bare.reported['unhandled']);
});

test('of 300 concurrent sends, each span and its process span belong to the trace of their own request', () => {
  const { many } = topics;
  const offsets = new Set<unknown>();
  for (const index of REQUESTS) {
    const trace = traceOf(traced.spans, `request ${index}`);
    const offset = trace.find(({ kind }) => kind === 'PRODUCER')?.attributes['messaging.kafka.offset'];
    offsets.add(offset);
    const facts = { partition: 0, offset: Number(offset), key: `${index}` };
    expectSpans(trace).toEqual({
      [`request ${index}`]: { kind: 'INTERNAL' },
      [`send ${many}`]: {
        kind: 'PRODUCER',
        parent: `request ${index}`,
        attributes: attributes('send', many, facts),
      },
      [`process ${many}`]: {
        kind: 'CONSUMER',
        parent: `send ${many}`,
        links: [{ to: `send ${many}` }],
        attributes: attributes('process', many, facts),
      },
    });
  }
  expect(offsets.size).toBe(REQUESTS.length);
});

test('the span of a send without await ends when Kafka acknowledges it, after the span of its request', () => {
  const late = REQUESTS.filter(index => {
    const trace = traceOf(traced.spans, `request ${index}`);
    const [request, send] = ['INTERNAL', 'PRODUCER'].map(kind => trace.find(span => span.kind === kind));
    return request !== undefined && send !== undefined && send.end > request.end;
  });
  expect(late).toEqual(REQUESTS);
});

test('the span of a failed send without await ends with the error', () => {
  const { large } = topics;
  const failed = (request: string, message: string, type: string, errorType: string, key?: string) => {
    expectSpans(traceOf(traced.spans, request)).toEqual({
      [request]: { kind: 'INTERNAL' },
      [`send ${large}`]: {
        kind: 'PRODUCER',
        parent: request,
        attributes: {
          ...attributes('send', large, { error: errorType, ...(key === undefined ? {} : { key }) }),
          // kafkajs rejects this call before it fetches the metadata of the cluster.
          ...(key === undefined ? {} : { 'messaging.kafka.cluster.id': undefined }),
        },
        status: { code: 'ERROR', message },
        events: [exceptionEvent(type, message)],
      },
    });
  };
  const tooLarge = 'The request included a message larger than the max message size the server will accept';
  failed('too large', tooLarge, 'KafkaJSProtocolError', 'MESSAGE_TOO_LARGE');
  const refused = `Invalid message without value for topic "${large}": {"key":"no value"}`;
  failed('refused', refused, 'KafkaJSNonRetriableError', 'KafkaJSNonRetriableError', 'no value');
});

test('the span of a send with acks 0 ends after the write and has no partition and offset', () => {
  const { unacknowledged } = topics;
  const [send] = traceOf(traced.spans, 'unacknowledged').filter(({ kind }) => kind === 'PRODUCER');
  expect(send).toMatchObject({
    name: `send ${unacknowledged}`,
    attributes: attributes('send', unacknowledged),
    status: { code: 'UNSET' },
  });
  expect(send?.attributes['messaging.destination.partition.id']).toBeUndefined();
  expect(send?.attributes['messaging.kafka.offset']).toBeUndefined();
});
