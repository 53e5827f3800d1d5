import { context, propagation, trace } from '@opentelemetry/api';
import { ConfluentPatch } from '../../../../src/clients/confluent/patch';
import type { Runtime } from '../../../../src/runtime';
import type { Methods } from '../../../../src/support/wrap';
import { producer as spanOf, traceparent, useTracing } from '../../core/tracing';
import { CODES, Kafka, type Producer } from './promise-api';

const tracing = useTracing();

let runtime: Runtime;
let patch: ConfluentPatch;

beforeEach(() => {
  runtime = tracing.runtime();
  class PatchedKafka extends Kafka {}
  patch = new ConfluentPatch(runtime, { Kafka: PatchedKafka as never, ErrorCodes: CODES });
  patch.patch();
  producer = new PatchedKafka().producer();
});

let producer: Producer;

/** The trace headers of produced messages. The values of the messages are mapped to span ids. */
const carried = () =>
  producer.produced.map(([value, headers]) => {
    const header = (headers as { traceparent?: string }[] | null)?.find(each => each.traceparent);
    return [value, header?.traceparent?.split('-')[2]];
  });

const spanIds = () => Object.fromEntries(tracing.spans().map(({ name, spanId }) => [name, spanId]));

test('each message gets the headers of its send span, before its own', async () => {
  const messages: Methods[] = [{ value: 'a', headers: { source: 'web' } }, { value: 'b' }];
  await producer.send({ topic: 'orders', messages });
  const { 'send orders': sent } = spanIds();
  expect(carried()).toEqual([
    ['a', sent],
    ['b', sent],
  ]);
  expect(producer.produced[0]?.[1]).toEqual([
    { traceparent: expect.any(String) as unknown },
    { source: 'web' },
  ]);
  // The library writes headers into the messages of the program, but none of them come from the instrumentation.
  expect(messages.map(({ headers }) => headers)).toEqual([[{ source: 'web' }], null]);
});

test('sendBatch, which calls send, makes one span per topic, and each message carries that of its topic', async () => {
  await producer.sendBatch({
    topicMessages: [
      { topic: 'orders', messages: [{ value: 'a' }] },
      { topic: 'bills', messages: [{ value: 'b' }, { value: 'c' }] },
      { topic: 'orders', messages: [{ value: 'd' }] },
    ],
  });
  const ids = spanIds();
  expect(tracing.spans()).toHaveLength(2);
  expect(carried()).toEqual([
    ['a', ids['send orders']],
    ['b', ids['send bills']],
    ['c', ids['send bills']],
    ['d', ids['send orders']],
  ]);
});

test('headers of another trace are replaced in any letter case, other headers stay', async () => {
  const active = trace.setSpanContext(context.active(), spanOf('a'));
  const headers = { TraceParent: traceparent(spanOf('a', 2)), tracestate: 'x=1', other: 'kept' };
  await context.with(active, () => producer.send({ topic: 'orders', messages: [{ value: 'v', headers }] }));
  const written = producer.produced[0]?.[1];
  expect((written as object[]).flatMap(each => Object.keys(each))).toEqual(['traceparent', 'other']);
});

test('a program may change its list and its messages as soon as send has returned', async () => {
  const message: Methods = { value: 'a', partition: 0 };
  const messages = [message];
  const sent = producer.send({ topic: 'orders', messages });
  message['partition'] = 1;
  messages.push({ value: 'b' });
  await sent;
  expect(tracing.spans()).toMatchObject([
    { attributes: { 'messaging.destination.partition.id': '0', 'messaging.kafka.offset': 7 } },
  ]);
});

test('a message that fits only without our headers is sent without them', async () => {
  producer.limit = 60;
  await producer.send({ topic: 'orders', messages: [{ value: 'x'.repeat(40) }, { value: 'y' }] });
  expect(carried()).toEqual([
    ['x'.repeat(40), undefined],
    ['y', undefined],
  ]);
  producer.limit = 30;
  await expect(
    producer.send({ topic: 'orders', messages: [{ value: 'x'.repeat(40) }] }),
  ).rejects.toMatchObject({
    code: 10,
    message: 'Broker: Message size too large',
  });
  expect(tracing.spans().at(-1)?.attributes['error.type']).toBe('MESSAGE_TOO_LARGE');
  // Added headers did not cause the failure, so later sends still get headers.
  expect(tracing.logged).toEqual([]);
});

test('a propagator that fails costs the headers and not the message', async () => {
  const fields = jest.spyOn(propagation, 'fields').mockImplementation(() => {
    throw new Error('own');
  });
  try {
    await producer.send({ topic: 'orders', messages: [{ value: 'a', headers: { source: 'web' } }] });
  } finally {
    fields.mockRestore();
  }
  expect(producer.produced).toEqual([['a', [{ source: 'web' }]]]);
  expect(tracing.spans()).toMatchObject([{ name: 'send orders', status: { code: 'UNSET' } }]);
});

test('a list of a class whose constructor takes something else than a length is read like any list', async () => {
  class Orders extends Array<Methods> {
    constructor(orders: readonly Methods[]) {
      super();
      this.push(...orders);
    }
  }
  await producer.send({ topic: 'orders', messages: new Orders([{ value: 'a' }]) });
  expect(carried()).toEqual([['a', spanIds()['send orders']]]);
});

/**
 * Creates a message whose getter sends another message, once. The library reads the getter after it has written
 * headers.
 */
function messageThatSends(value: string, inner: string): Methods {
  let isSent = false;
  const message: Methods = {
    get value(): string {
      if (!isSent && 'headers' in message) {
        isSent = true;
        void producer.send({ topic: 'inner', messages: [{ value: inner }] });
      }
      return value;
    },
  };
  return message;
}

test('a getter that sends another message does not shift the headers of the outer call', async () => {
  await producer.send({ topic: 'outer', messages: [messageThatSends('a', 'inner'), { value: 'b' }] });
  const ids = spanIds();
  expect(carried()).toEqual([
    ['inner', ids['send inner']],
    ['a', ids['send outer']],
    ['b', ids['send outer']],
  ]);
  expect(ids['send inner']).toBeDefined();
});

test('a getter that sends while sendBatch runs makes a call of its own', async () => {
  await producer.sendBatch({
    topicMessages: [
      { topic: 'orders', messages: [messageThatSends('a', 'inner')] },
      { topic: 'bills', messages: [{ value: 'b' }] },
    ],
  });
  const ids = spanIds();
  expect(carried()).toEqual([
    ['inner', ids['send inner']],
    ['a', ids['send orders']],
    ['b', ids['send bills']],
  ]);
  expect(ids['send inner']).toBeDefined();
});

test('sends between a begin and its end belong to the transaction, others do not', async () => {
  const send = (topic: string) => producer.send({ topic, messages: [{ value: 'v' }] });
  await send('before');
  await producer.transaction();
  await send('inside');
  await producer.disconnect();
  await send('after');
  const spans = tracing.spans();
  const of = (name: string) => spans.find(span => span.name === name);
  expect(of('transaction')?.attributes).toMatchObject({ 'kafka.transaction.outcome': 'abandoned' });
  expect(of('send inside')?.parent).toBe(of('transaction')?.spanId);
  expect([of('send before')?.parent, of('send after')?.parent]).toEqual([undefined, undefined]);
});

test('a send that is still pending when its producer has disconnected never settles, so its span ends as failed', async () => {
  producer.isHanging = true;
  let flush: (() => void) | undefined;
  producer.flushed = new Promise(resolve => {
    flush = resolve;
  });
  void producer.send({ topic: 'orders', messages: [{ value: 'a' }] });
  void producer.sendBatch({ topicMessages: [{ topic: 'bills', messages: [{ value: 'b' }] }] });
  const disconnected = producer.disconnect();
  await producer.disconnect();
  expect(tracing.spans()).toEqual([]);
  flush?.();
  await disconnected;
  expect(tracing.spans()).toMatchObject(
    ['send orders', 'send bills'].map(name => ({
      name,
      attributes: { 'error.type': 'abandoned' },
      status: {
        code: 'ERROR',
        message:
          'The producer disconnected before the result of the send was known. The messages may have been written.',
      },
      events: [],
    })),
  );
});

test('a failed disconnect ends no spans of sends', async () => {
  producer.isHanging = true;
  producer.flushed = Promise.reject(new Error('not connected'));
  void producer.send({ topic: 'orders', messages: [{ value: 'a' }] });
  await expect(producer.disconnect()).rejects.toThrow('not connected');
  expect(tracing.spans()).toEqual([]);
});

type Send = (record: { topic: string; messages: Methods[] }) => Promise<unknown>;

/**
 * Wraps `send` like a program that encodes its messages first: the messages are copied after a delay that depends on
 * the topic.
 */
function encodeFirst(owner: { send: unknown }): void {
  const send = owner.send as Send;
  owner.send = async function (this: unknown, { topic, messages }: Parameters<Send>[0]) {
    for (let wait = topic.length; wait > 0; wait--) await Promise.resolve();
    return send.call(this, { topic, messages: messages.map(message => ({ ...message })) });
  };
}

const twoTopics = () => ({
  topicMessages: [
    { topic: 'longer', messages: [{ value: 'a' }, { value: 'b' }] },
    { topic: 'short', messages: [{ value: 'c' }] },
    { topic: 'short', messages: [{ value: 'd' }] },
  ],
});

describe.each([
  ['on the producer, before it was instrumented', 'below'],
  ['on the producer, after it was instrumented', 'above'],
  ['on both sides', 'both'],
])('a foreign wrapper that awaits before it calls send: %s', (_name, where) => {
  beforeEach(() => {
    class Encoding extends Kafka {
      override producer() {
        const made = super.producer();
        if (where !== 'above') encodeFirst(made);
        return made;
      }
    }
    new ConfluentPatch(runtime, { Kafka: Encoding as never, ErrorCodes: CODES }).patch();
    producer = new Encoding().producer();
    if (where !== 'below') encodeFirst(producer);
  });

  test('concurrent sends have one span each, and each message carries its own', async () => {
    await Promise.all([
      producer.send({ topic: 'longer', messages: [{ value: 'a' }, { value: 'b' }] }),
      producer.send({ topic: 'short', messages: [{ value: 'c' }] }),
    ]);
    const { 'send longer': longer, 'send short': short } = spanIds();
    expect(tracing.spans()).toHaveLength(2);
    expect(carried()).toEqual([
      ['c', short],
      ['a', longer],
      ['b', longer],
    ]);
  });

  test('sendBatch has one span per topic, and each message carries that of its topic', async () => {
    await producer.sendBatch(twoTopics());
    const { 'send longer': longer, 'send short': short } = spanIds();
    expect(tracing.spans()).toHaveLength(2);
    expect(carried()).toEqual([
      ['c', short],
      ['d', short],
      ['a', longer],
      ['b', longer],
    ]);
  });
});

test('what a foreign wrapper sends in addition to the entries of a sendBatch has a span of its own', async () => {
  const send = producer.send.bind(producer);
  producer.send = async record => {
    await Promise.resolve();
    if (record.topic === 'longer') await send({ topic: 'audit', messages: [{ value: 'added' }] });
    return send(record);
  };
  await producer.sendBatch(twoTopics());
  const ids = spanIds();
  expect(tracing.spans()).toHaveLength(3);
  expect(Object.fromEntries(carried())).toEqual({
    added: ids['send audit'],
    a: ids['send longer'],
    b: ids['send longer'],
    c: ids['send short'],
    d: ids['send short'],
  });
});

test.each([
  ['with headers to add', {}],
  ['without headers to add', { propagation: false }],
])(
  'what a foreign wrapper of sendBatch starts in addition has spans of its own (%s)',
  async (_what, options) => {
    let started: Promise<unknown> | undefined;
    class Starting extends Kafka {
      override producer() {
        const made = super.producer();
        const sendBatch = made.sendBatch.bind(made);
        made.sendBatch = record => {
          started = Promise.resolve().then(async () => {
            await made.send({ topic: 'first', messages: [{ value: '1' }] });
            await made.send({ topic: 'second', messages: [{ value: '2' }] });
          });
          return sendBatch(record);
        };
        return made;
      }
    }
    new ConfluentPatch(tracing.runtime(options), { Kafka: Starting as never, ErrorCodes: CODES }).patch();
    producer = new Starting().producer();
    await producer.sendBatch(twoTopics());
    await started;
    expect(Object.keys(spanIds()).sort()).toEqual(['send first', 'send longer', 'send second', 'send short']);
  },
);

test('the entries of a sendBatch that the library will refuse have no spans of their own', async () => {
  const topicMessages = [
    { topic: 'orders', messages: [{ value: 'a' }] },
    { topic: '', messages: [] },
  ];
  await producer.sendBatch({ topicMessages });
  expect(tracing.spans().map(({ name }) => name)).toEqual(['send']);
});

test('a foreign wrapper on the class that awaits is noticed at the first send', async () => {
  const prototype = Object.getPrototypeOf(producer) as { send: Send };
  const { send } = prototype;
  try {
    encodeFirst(prototype);
    class Patched extends Kafka {}
    new ConfluentPatch(runtime, { Kafka: Patched as never, ErrorCodes: CODES }).patch();
    producer = new Patched().producer();
    await producer.send({ topic: 'first', messages: [{ value: 'a' }] });
    await producer.send({ topic: 'second', messages: [{ value: 'b' }] });
  } finally {
    prototype.send = send;
  }
  expect(carried()).toEqual([
    ['a', undefined],
    ['b', spanIds()['send second']],
  ]);
});

test('nothing is added while the instrumentation is disabled, and sendBatch still makes no span of its own sends', async () => {
  (runtime as { isEnabled: boolean }).isEnabled = false;
  await producer.sendBatch({ topicMessages: [{ topic: 'orders', messages: [{ value: 'a' }] }] });
  expect(producer.produced).toEqual([['a', null]]);
  expect(tracing.spans()).toEqual([]);
});

test('a call without messages makes no span, as it sends nothing', async () => {
  await producer.send({ topic: 'orders', messages: [] });
  await producer.sendBatch({ topicMessages: [] });
  expect(tracing.spans()).toEqual([]);
});
