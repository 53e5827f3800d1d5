import { ROOT_CONTEXT, TraceFlags, context, propagation, trace, type Context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import fc, { type Arbitrary } from 'fast-check';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { UNSAMPLED } from './sdk';

/** Options of the instrumentation and the active context. A program must not notice them. */
export interface Setting {
  readonly text: string;
  readonly options: KafkaInstrumentationConfig;
  /** True if the instrumentation may add trace headers. */
  readonly injects: boolean;
  readonly classes: readonly string[];
  activeContext(): Context;
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const baggage = () => propagation.createBaggage({ tenant: { value: 'acme' } });
const remote = (flags: TraceFlags) =>
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: 'b7ad6b7169203331',
    traceFlags: flags,
    isRemote: true,
  });

const ACTIVE_CONTEXTS: Readonly<Record<string, () => Context>> = {
  'no span': () => ROOT_CONTEXT,
  'active span': () => trace.setSpan(ROOT_CONTEXT, trace.getTracer('program').startSpan('request')),
  'span and baggage': () => propagation.setBaggage(remote(TraceFlags.SAMPLED), baggage()),
  'unsampled span': () => remote(TraceFlags.NONE).setValue(UNSAMPLED, true),
  suppressed: () => suppressTracing(ROOT_CONTEXT),
};

/** Generates settings with all options and all their values. Functions among them may throw. */
export function settings(): Arbitrary<Setting> {
  return fc
    .record({ active: fc.constantFrom(...Object.keys(ACTIVE_CONTEXTS)), options: options() })
    .map(({ active, options: drawn }) => {
      const isOff = drawn['propagation'] === false || drawn['propagation'] === 'extract';
      return {
        text: `${active}; ${Object.entries(drawn)
          .map(
            ([name, value]) => `${name}: ${typeof value === 'function' ? value.name : JSON.stringify(value)}`,
          )
          .join(', ')}`,
        options: drawn,
        injects: !isOff && active !== 'suppressed',
        classes: [active],
        activeContext: ACTIVE_CONTEXTS[active] ?? (() => context.active()),
      };
    });
}

const hooks = {
  well: () => undefined,
  throws: () => {
    throw new Error('hook');
  },
  rejects: () => Promise.reject(new Error('hook')),
  thenable: () => ({
    then() {
      throw new Error('then');
    },
  }),
};
const filters = { yes: () => true, no: () => false, nothing: () => undefined, throws: hooks.throws };
const names = { named: () => 'named', unnamed: () => undefined, throws: hooks.throws };

function options(): Arbitrary<Readonly<Record<string, unknown>>> {
  const of = <Value>(...values: Value[]) => fc.constantFrom(...values);
  const hook = of(...Object.values<() => unknown>(hooks));
  return fc.record(
    {
      producerSpans: of('call', 'message'),
      consumerContext: of('parent-and-link', 'parent', 'link'),
      propagation: of<unknown>(true, 'inject', 'extract', false),
      existingContext: of('auto', 'keep', 'replace'),
      commitSpans: of('manual', 'none'),
      adminSpans: of('auto', 'all', 'none'),
      semconv: of('1.24', '1.44', '1.45', '1.44+1.45', '1.24+1.44+1.45'),
      captureKey: of(true, false),
      captureSizes: of(true, false),
      captureHeaders: of<unknown>([], ['*'], ['id']),
      captureErrorMessages: of(true, false),
      metrics: of(true, false),
      requestMetrics: of(true, false),
      topics: of<unknown>('*', '!orders*', { include: ['payments*'] }),
      spanName: of<unknown>('semconv', 'go-agent', ...Object.values<() => unknown>(names)),
      filter: of(...Object.values<() => unknown>(filters)),
      producerHook: hook,
      consumerHook: hook,
      batchHook: hook,
    },
    { requiredKeys: [] },
  );
}
