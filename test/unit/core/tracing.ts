import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  context,
  propagation,
  trace,
  type Context,
  type SpanContext,
  type TextMapPropagator,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { readSettings } from '../../../src/config/settings';
import { InjectionPauses } from '../../../src/propagation/injection-pause';
import { kafkaJsErrors, kafkaJsMessages } from '../../../src/clients/kafkajs/client';
import type { ClientInfo } from '../../../src/core/port';
import type { Runtime } from '../../../src/runtime';

/** A real SDK that keeps spans in memory. */
export interface Tracing {
  /** Creates the runtime of an instrumentation with these options. */
  runtime(config?: KafkaInstrumentationConfig, overrides?: Partial<Runtime>): Runtime;
  /** Ended spans, in the order in which they ended. */
  spans(): Recorded[];
  /** Forgets all spans that have ended. */
  reset(): void;
  /** Logged messages: the texts of warnings, and faults as `where: message`. */
  readonly logged: string[];
}

/** A complete span in a form with a readable diff. */
export interface Recorded {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly {
    readonly span: string;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
  readonly status: { readonly code: string; readonly message?: string };
  readonly events: readonly { readonly name: string; readonly attributes: unknown }[];
}

const w3c: TextMapPropagator = new CompositePropagator({
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
});

/**
 * Registers tracer, context manager and propagators. Every test starts without spans. Cleans up after the last test.
 */
export function useTracing(options: { sampler?: Sampler } = {}): Tracing {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    ...(options.sampler && { sampler: options.sampler }),
  });
  const logged: string[] = [];
  beforeAll(() => {
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(w3c);
  });
  beforeEach(() => {
    exporter.reset();
    logged.length = 0;
  });
  afterAll(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  return {
    logged,
    reset: () => {
      exporter.reset();
    },
    spans: () => exporter.getFinishedSpans().map(recorded),
    runtime: (config = {}, overrides = {}) => ({
      isEnabled: true,
      isSdkRegistered: true,
      metrics: undefined,
      emitLogRecord: () => undefined,
      tracer: provider.getTracer('test'),
      settings: readSettings(config, {}, problem => {
        throw new Error(problem);
      }),
      injectionPauses: new InjectionPauses(),
      log: {
        warn: (_cause, message) => void logged.push(message),
        fault: (where, error) =>
          void logged.push(`${where}: ${(error as Error | undefined)?.message ?? '?'}`),
      },
      ...overrides,
    }),
  };
}

function recorded(span: ReadableSpan): Recorded {
  const { traceId, spanId } = span.spanContext();
  const { code, message } = span.status;
  return {
    name: span.name,
    kind: SpanKind[span.kind],
    traceId,
    spanId,
    parent: span.parentSpanContext?.spanId,
    attributes: span.attributes,
    links: span.links.map(({ context: { spanId: linked }, attributes }) =>
      attributes ? { span: linked, attributes } : { span: linked },
    ),
    status: message === undefined ? { code: SpanStatusCode[code] } : { code: SpanStatusCode[code], message },
    events: span.events.map(event => ({ name: event.name, attributes: event.attributes })),
  };
}

/** A kafkajs client whose id, cluster and leaders are known. */
export const client: ClientInfo = {
  messages: kafkaJsMessages,
  errors: kafkaJsErrors,
  group: 'billing',
  clientId: () => 'shop',
  clusterId: () => 'cluster-1',
  leader: (_topic, partition) => ({ host: `kafka-${partition}`, port: 9092 }),
};

/** The attributes of `client` and of the leader of partition 2. */
export const clientAttributes = {
  'messaging.client.id': 'shop',
  'messaging.kafka.cluster.id': 'cluster-1',
  'server.address': 'kafka-2',
  'server.port': 9092,
};

/** The attributes of partition 2. */
export const partitionAttributes = {
  'messaging.destination.partition.id': '2',
  'messaging.kafka.partition': 2,
};

/** The attributes that every operation on `orders` has. */
export const operationAttributes = (operation: 'create' | 'process' | 'send') => ({
  'messaging.system': 'kafka',
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  'messaging.destination.name': 'orders',
});

/** A successful span without parent, links and events, for `toEqual`. Its ids may be any. */
export const succeeded = (name: string, kind: string, attributes: Recorded['attributes']): Recorded => ({
  name,
  kind,
  traceId: expect.any(String) as string,
  spanId: expect.any(String) as string,
  parent: undefined,
  attributes,
  links: [],
  status: { code: 'UNSET' },
  events: [],
});

/** A client whose id, cluster and leaders are unknown. */
export const stranger: ClientInfo = {
  messages: kafkaJsMessages,
  errors: kafkaJsErrors,
  group: undefined,
  clientId: () => undefined,
  clusterId: () => undefined,
  leader: () => undefined,
};

/** The span of a producer in another process. `producer('a')` and `producer('a', 2)` are two spans of one trace. */
export function producer(traceLetter: string, span = 1, isSampled = true): SpanContext {
  return {
    traceId: traceLetter.repeat(32),
    spanId: span.toString(16).padStart(16, '0'),
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  };
}

export const traceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-0${traceFlags}`;

/** Returns a context with an active span, and with baggage if it is given. */
export function contextOf(span: SpanContext, baggage?: Record<string, string>, base: Context = ROOT_CONTEXT) {
  const active = trace.setSpanContext(base, span);
  return baggage ? propagation.setBaggage(active, baggageOf(baggage)) : active;
}

const baggageOf = (values: Record<string, string>) =>
  propagation.createBaggage(
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }])),
  );

/** Returns the baggage of a context as a plain object. */
export function baggageIn(active: Context): Record<string, string> {
  const entries = propagation.getBaggage(active)?.getAllEntries() ?? [];
  return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
}
