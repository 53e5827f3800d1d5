import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { startBatch } from '../../../src/core/batch';
import { startSend } from '../../../src/core/send';
import { client, contextOf, producer, traceparent, useTracing } from './tracing';

const tracing = useTracing();

function send(config: KafkaInstrumentationConfig, message: object = { key: '1', value: 'v' }) {
  const entry = { topic: 'orders', messages: [message] };
  const operation = startSend(tracing.runtime(config), client, [entry], contextOf(producer('c')));
  const carried = operation.contextFor(entry, 0);
  operation.end([]);
  return { spans: tracing.spans(), carried: carried && trace.getSpanContext(carried)?.spanId };
}

describe('create spans that a filter leaves out', () => {
  test('leave the send span to be the one whose context the messages carry', () => {
    const { spans, carried } = send({ producerSpans: 'message', filter: ({ kind }) => kind !== 'create' });
    expect(spans).toMatchObject([{ name: 'send orders', kind: 'PRODUCER', links: [] }]);
    expect(carried).toBe(spans[0]?.spanId);
  });

  test('and without a send span either the message carries what surrounds the call', () => {
    const { spans, carried } = send({ producerSpans: 'message', topics: '!orders' });
    expect(spans).toEqual([]);
    expect(carried).toBe(producer('c').spanId);
  });
});

describe('a message span that a filter leaves out, in a batch whose span is made', () => {
  const filter = ({ messageCount }: { messageCount: number | undefined }) => messageCount !== 1;
  function within(config: KafkaInstrumentationConfig, headers: Record<string, string>) {
    const message = { offset: '7', headers };
    const batch = { topic: 'orders', partition: 0, messages: [message, { offset: '8' }] };
    const operation = startBatch(tracing.runtime({ filter, ...config }), client, batch);
    if (!operation) throw new Error('there is no batch operation');
    const around = context.with(ROOT_CONTEXT, () => operation.messages.start(message).context);
    return { batch: trace.getSpanContext(operation.context), message: trace.getSpanContext(around) };
  }

  test('goes on with the trace that the message brought', () => {
    expect(within({}, { traceparent: traceparent(producer('a')) }).message).toEqual(producer('a'));
  });

  test.each([
    ['brought none', {}, {}],
    ['is only linked', { consumerContext: 'link' }, { traceparent: traceparent(producer('a')) }],
  ] as const)('belongs to the batch where the message %s', (_which, config, headers) => {
    const { batch, message } = within(config, headers);
    expect(message).toEqual(batch);
    expect(message).toBeDefined();
  });
});

describe("the program's own functions", () => {
  const broken = () => {
    throw new Error('broken');
  };

  test('a spanName that throws gives the conventional name, and is told of', () => {
    expect(send({ spanName: broken }).spans).toMatchObject([{ name: 'send orders' }]);
    expect(tracing.logged).toEqual(['spanName: broken']);
  });

  test('a filter that throws leaves nothing out, and is told of', () => {
    expect(send({ filter: broken }).spans).toMatchObject([{ name: 'send orders' }]);
    expect(tracing.logged).toEqual(['filter: broken']);
  });
});

test('a header whose name is longer than 256 characters is not captured', () => {
  const [fits, tooLong] = ['x'.repeat(256), 'x'.repeat(257)];
  const { spans } = send({ captureHeaders: '*' }, { value: 'v', headers: { [fits]: '1', [tooLong]: '2' } });
  const captured = Object.entries(spans[0]?.attributes ?? {}).filter(([name]) => name.includes('header'));
  expect(captured).toEqual([[`messaging.header.${fits}`, ['1']]]);
});
