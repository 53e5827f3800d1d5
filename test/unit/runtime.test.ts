import { ROOT_CONTEXT, context, diag, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator, suppressTracing, unsuppressTracing } from '@opentelemetry/core';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { readSettings } from '../../src/config/settings';
import { InstrumentationRuntime, contextOfCall, isSuppressed } from '../../src/runtime';
import { onceLog } from '../../src/support/guard';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(() => {
  trace.disable();
  metrics.disable();
  propagation.disable();
});
afterAll(() => {
  context.disable();
});

const nothing = () => undefined;

/** Creates the runtime of an instrumentation. The base class may set providers. */
function runtimeOf({ tracers, meters }: { tracers?: TracerProvider; meters?: MeterProvider } = {}) {
  const settings = readSettings({}, {}, nothing);
  const runtime = new InstrumentationRuntime(
    trace.getTracer('test'),
    settings,
    onceLog(() => diag),
    nothing,
    nothing,
  );
  runtime.isEnabled = true;
  runtime.tracerProvider = tracers;
  if (meters) runtime.setMeterProvider(meters);
  return runtime;
}

describe('an SDK', () => {
  test('is not registered at first', () => {
    expect(runtimeOf().isSdkRegistered).toBe(false);
  });

  test.each([
    ['a tracer provider', () => trace.setGlobalTracerProvider(new TracerProvider())],
    ['a meter provider', () => metrics.setGlobalMeterProvider(new MeterProvider())],
    ['a propagator', () => propagation.setGlobalPropagator(new W3CTraceContextPropagator())],
  ])('is registered as soon as there is %s, and until it is removed', (_what, register) => {
    const runtime = runtimeOf();
    expect(runtime.isSdkRegistered).toBe(false);
    register();
    expect(runtime.isSdkRegistered).toBe(true);
    trace.disable();
    metrics.disable();
    propagation.disable();
    expect(runtime.isSdkRegistered).toBe(false);
  });

  test('counts as registered if the instrumentation has a provider of its own', () => {
    expect(runtimeOf({ tracers: new TracerProvider() }).isSdkRegistered).toBe(true);
    expect(runtimeOf({ meters: new MeterProvider() }).isSdkRegistered).toBe(true);
  });

  test('is detected behind the proxy provider of the API, which `registerInstrumentations` passes on', () => {
    const runtime = runtimeOf();
    runtime.tracerProvider = trace.getTracerProvider();
    runtime.setMeterProvider(metrics.getMeterProvider());
    expect(runtime.isSdkRegistered).toBe(false);
    trace.setGlobalTracerProvider(new TracerProvider());
    expect(runtime.isSdkRegistered).toBe(true);
  });
});

describe('suppressed tracing', () => {
  test("has the context key of OpenTelemetry's core", () => {
    expect(isSuppressed(ROOT_CONTEXT)).toBe(false);
    expect(isSuppressed(suppressTracing(ROOT_CONTEXT))).toBe(true);
    expect(isSuppressed(unsuppressTracing(suppressTracing(ROOT_CONTEXT)))).toBe(false);
  });

  test('is read from the active context by default', () => {
    expect(isSuppressed()).toBe(false);
    expect(context.with(suppressTracing(context.active()), () => isSuppressed())).toBe(true);
  });
});

describe('the context of a call', () => {
  test('is the active one', () => {
    const active = ROOT_CONTEXT.setValue(Symbol('key'), 'value');
    expect(context.with(active, () => contextOfCall(runtimeOf()))).toBe(active);
  });

  test('is undefined if the instrumentation is disabled, or tracing is suppressed', () => {
    const disabled = runtimeOf();
    disabled.isEnabled = false;
    expect(contextOfCall(disabled)).toBeUndefined();
    expect(context.with(suppressTracing(ROOT_CONTEXT), () => contextOfCall(runtimeOf()))).toBeUndefined();
  });

  test('is undefined if the context manager throws', () => {
    const spy = jest.spyOn(context, 'active').mockImplementation(() => {
      throw new Error('manager');
    });
    try {
      expect(contextOfCall(runtimeOf())).toBeUndefined();
    } finally {
      spy.mockRestore();
    }
  });
});
