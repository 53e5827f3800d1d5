import { metrics, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { Audience } from '../../../src/runtime';

afterEach(() => {
  trace.disable();
  metrics.disable();
  propagation.disable();
});

test('without an SDK and without a propagator nobody listens', () => {
  expect(new Audience().isThere()).toBe(false);
});

test.each([
  ['a tracer provider', () => trace.setGlobalTracerProvider(new TracerProvider())],
  ['a meter provider', () => metrics.setGlobalMeterProvider(new MeterProvider())],
  ['a propagator', () => propagation.setGlobalPropagator(new W3CTraceContextPropagator())],
])('%s that comes late is noticed at once, and its leaving too', (_what, register) => {
  const audience = new Audience();
  expect(audience.isThere()).toBe(false);
  register();
  expect(audience.isThere()).toBe(true);
  trace.disable();
  metrics.disable();
  propagation.disable();
  expect(audience.isThere()).toBe(false);
});

test('providers that were handed over count in the place of the global ones', () => {
  const audience = new Audience();
  expect(audience.isThere(new TracerProvider())).toBe(true);
  expect(audience.isThere(undefined, new MeterProvider())).toBe(true);
});

test('a provider that only stands for the global one is somebody when that is there', () => {
  const proxy = trace.getTracerProvider();
  const audience = new Audience();
  expect(audience.isThere(proxy)).toBe(false);
  trace.setGlobalTracerProvider(new TracerProvider());
  expect(audience.isThere(proxy)).toBe(true);
});
