import { trace, type TracerProvider } from '@opentelemetry/api';

/** The tracer provider that an SDK has registered, from behind the proxy that the API gives to everyone. */
export function registeredTracerProvider(): TracerProvider | undefined {
  const provider: TracerProvider & { getDelegate?: () => TracerProvider } = trace.getTracerProvider();
  const real = provider.getDelegate?.() ?? provider;
  // By name: the class is not exported, and the application may have a copy of the API of its own.
  return real.constructor.name === 'NoopTracerProvider' ? undefined : real;
}
