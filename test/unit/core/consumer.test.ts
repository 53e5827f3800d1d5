import { context } from '@opentelemetry/api';
import { batchOf, deliver, deliverBatch, recordFrom } from './consuming';
import { contextOf, producer, useTracing } from './tracing';

const tracing = useTracing();

const message = recordFrom(producer('a'));
const error: Error = Object.freeze(new Error('theirs'));
const failingTracer = {
  startSpan: (): never => {
    throw new Error('ours');
  },
  startActiveSpan: jest.fn(),
};

const DELIVERIES: [
  string,
  <Result>(runtime: ReturnType<typeof tracing.runtime>, handle: () => Result) => Result,
][] = [
  ['a message', (runtime, handle) => deliver(runtime, message, handle)],
  ['a batch', (runtime, handle) => deliverBatch(runtime, batchOf([message]), handle)],
];

describe.each(DELIVERIES)('the handler of %s', (_what, delivered) => {
  test.each<[string, Parameters<typeof tracing.runtime>]>([
    ['its span cannot be started', [{}, { tracer: failingTracer }]],
    ['the instrumentation is disabled', [{}, { isEnabled: false }]],
    ['no SDK is registered', [{}, { isSdkRegistered: false }]],
    ['metrics are switched off as well', [{ metrics: false }, { isEnabled: false }]],
  ])('runs once, with its own result and error, if %s', async (_why, options) => {
    const runtime = tracing.runtime(...options);
    const handle = jest.fn(() => Promise.resolve('value'));
    await expect(delivered(runtime, handle)).resolves.toBe('value');
    await expect(delivered(runtime, () => Promise.reject(error))).rejects.toBe(error);
    expect(handle).toHaveBeenCalledTimes(1);
    expect(tracing.spans()).toEqual([]);
  });
});

test('a handler keeps values of the context around `run()`, but not its span and baggage', () => {
  const key = Symbol('tenant');
  const caller = contextOf(producer('c'), { user: '7' }).setValue(key, 'kept');
  const value = deliver(tracing.runtime(), message, () => context.active().getValue(key), { caller });
  expect(value).toBe('kept');
});
