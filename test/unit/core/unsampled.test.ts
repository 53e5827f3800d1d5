import { context, trace } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import { withMessageSpan } from '../../../src/core/message-span';
import { batchOf, deliver, deliverBatch } from './consuming';
import { send } from './sending';
import { contextOf, producer, traceparent, useTracing } from './tracing';

const tracing = useTracing({ sampler: new AlwaysOffSampler() });
const hook = jest.fn();
const runtime = tracing.runtime({
  producerHook: hook,
  consumerHook: hook,
  batchHook: hook,
  producerSpans: 'message',
});

const message = { offset: '1', value: 'v', headers: { traceparent: traceparent(producer('a', 1, false)) } };

afterEach(() => {
  expect(tracing.spans()).toEqual([]);
  expect(hook).not.toHaveBeenCalled();
});

test('if nothing is sampled, a send gives its messages an unsampled context of the active trace', async () => {
  const entry = { topic: 'orders', messages: [{ value: 'v' }] };
  const carried = await send(runtime, [entry], { active: contextOf(producer('c')) });
  expect(carried).toMatchObject([[{ traceId: producer('c').traceId, traceFlags: 0 }]]);
});

test('if nothing is sampled, a handler continues the trace of its message', () => {
  const error = new Error('m');
  const contexts: unknown[] = [];
  const handler = () => {
    contexts.push(trace.getSpanContext(context.active()));
    throw error;
  };
  expect(() => deliver(runtime, message, handler)).toThrow(error);
  expect(contexts).toMatchObject([{ traceId: producer('a').traceId, traceFlags: 0 }]);
});

test('if nothing is sampled, a batch handler and its messages continue the trace of the message', () => {
  const batch = batchOf([message]);
  const contexts = deliverBatch(runtime, batch, active => [
    trace.getSpanContext(active),
    withMessageSpan(batch, message, () => trace.getSpanContext(context.active())),
  ]);
  const unsampled = { traceId: producer('a').traceId, traceFlags: 0 };
  expect(contexts).toMatchObject([unsampled, unsampled]);
});
