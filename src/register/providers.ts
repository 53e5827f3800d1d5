import { trace, type TracerProvider } from '@opentelemetry/api';
import { NOOP_TRACER_PROVIDER } from '../runtime';

/** The tracer provider that an SDK has registered, from behind the proxy that the API gives to everyone. */
export function registeredTracerProvider(): TracerProvider | undefined {
  const provider: TracerProvider & { getDelegate?: () => TracerProvider } = trace.getTracerProvider();
  const real = provider.getDelegate?.() ?? provider;
  // That of another copy of the API is known by name only, which in turn a minifier takes from this one.
  return real === NOOP_TRACER_PROVIDER || real.constructor.name === 'NoopTracerProvider' ? undefined : real;
}
