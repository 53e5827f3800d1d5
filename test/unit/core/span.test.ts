import { INVALID_SPAN_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { runHook } from '../../../src/core/span';
import { useTracing } from './tracing';

const tracing = useTracing();

const info = { topic: 'orders' };
const run = (
  hook: ((span: Span, given: typeof info) => unknown) | undefined,
  span = trace.getTracer('test').startSpan('s'),
) => {
  runHook(tracing.runtime(), 'producerHook', hook, span, () => info);
  return span;
};

test('a hook gets the span and what is known, once', () => {
  const hook = jest.fn();
  const span = run(hook);
  expect(hook.mock.calls).toEqual([[span, info]]);
});

test('nothing is prepared for a hook where there is none, or the span is not recorded', () => {
  const hook = jest.fn();
  const prepare = jest.fn(() => info);
  runHook(tracing.runtime(), 'producerHook', undefined, trace.getTracer('test').startSpan('s'), prepare);
  runHook(tracing.runtime(), 'producerHook', hook, trace.wrapSpanContext(INVALID_SPAN_CONTEXT), prepare);
  expect(hook).not.toHaveBeenCalled();
  expect(prepare).not.toHaveBeenCalled();
});

describe('a hook that fails is logged and never felt:', () => {
  const error = new Error('hook');
  /** When everything that a hook left behind has had its turn. */
  const loop = () => new Promise<void>(resolve => setImmediate(resolve));

  test.each<[string, () => unknown]>([
    ['it throws', () => { throw error; }], // prettier-ignore
    ['it rejects', () => Promise.reject(error)],
    ['it returns a thenable that fails', () => ({ then: (_resolve: unknown, reject: (reason: unknown) => void) => { reject(error); } })], // prettier-ignore
    ['it returns something whose then cannot be read', () => ({ get then(): never { throw error; } })], // prettier-ignore
  ])('%s', async (_how, hook) => {
    run(hook);
    await loop();
    expect(tracing.logged).toEqual(['producerHook: hook']);
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an object without prototype', Object.create(null)],
  ])('it throws or rejects with %s', async (_what, reason) => {
    run(() => {
      throw reason;
    });
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what hooks may do
    run(() => Promise.reject(reason));
    await loop();
    expect(tracing.logged).toEqual(['producerHook: ?', 'producerHook: ?']);
  });

  test('it rejects, and the logger throws: no rejection is left behind, which would end the process', async () => {
    const fault = jest.fn((): never => {
      throw new Error('log');
    });
    const telemetry = tracing.runtime({}, { log: { warn: jest.fn(), fault } });
    const span = trace.getTracer('test').startSpan('s');
    runHook(
      telemetry,
      'producerHook',
      () => Promise.reject(error),
      span,
      () => info,
    );
    // jest fails a test that leaves an unhandled rejection.
    await loop();
    expect(fault).toHaveBeenCalledTimes(1);
  });
});

test('what a hook returns does not matter', () => {
  for (const returned of [undefined, null, 7, 'text', {}, { then: 'later' }]) run(() => returned);
  expect(tracing.logged).toEqual([]);
});
