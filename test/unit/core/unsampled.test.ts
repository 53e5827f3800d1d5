import { context, trace } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import { startBatch } from '../../../src/core/batch';
import { startMessage } from '../../../src/core/process';
import { startSend } from '../../../src/core/send';
import { client, contextOf, producer, traceparent, useTracing } from './tracing';

const tracing = useTracing({ sampler: new AlwaysOffSampler() });
const hook = jest.fn();
const telemetry = tracing.runtime({
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

test('where nothing is sampled, a send gives its messages an unsampled context of the active trace', () => {
  const entry = { topic: 'orders', messages: [{ value: 'v' }] };
  const send = startSend(telemetry, client, [entry], contextOf(producer('c')));
  const carried = send.contextFor(entry, 0);
  expect(carried && trace.getSpanContext(carried)).toMatchObject({
    traceId: producer('c').traceId,
    traceFlags: 0,
  });
  send.end([]);
});

test('where nothing is sampled, a handler goes on with the trace of its message', () => {
  const operation = startMessage(telemetry, client, { topic: 'orders', partition: 0, message });
  operation.fail(new Error('m'));
  expect(trace.getSpanContext(operation.context)).toMatchObject({
    traceId: producer('a').traceId,
    traceFlags: 0,
  });
});

test('where nothing is sampled, a batch handler and its messages do too', () => {
  const batch = startBatch(telemetry, client, { topic: 'orders', partition: 0, messages: [message] });
  const one = batch && context.with(batch.context, () => batch.messages.start(message));
  for (const operation of [one, batch]) {
    operation?.end();
    expect(operation && trace.getSpanContext(operation.context)).toMatchObject({
      traceId: producer('a').traceId,
      traceFlags: 0,
    });
  }
});
