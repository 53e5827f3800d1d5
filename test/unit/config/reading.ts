import type { KafkaInstrumentationConfig } from '../../../src/config/options';
import { readSettings, type Settings } from '../../../src/config/settings';
import type { KafkaOperation } from '../../../src/semconv/vocabulary';

export const PREFIX = 'OTEL_INSTRUMENTATION_KAFKA_';

/** Returns the settings, and the problems that were reported while reading them. */
export function read(config: unknown, environment: Record<string, string> = {}) {
  const problems: string[] = [];
  const settings = readSettings(config as KafkaInstrumentationConfig, environment, problem => {
    problems.push(problem);
  });
  return { settings, problems };
}

export const send = (topic: string): KafkaOperation => ({
  kind: 'send',
  name: 'send',
  topic,
  group: undefined,
  messageCount: 1,
});

/** Returns the settings for a topic in a form that can be compared. */
export function plain(settings: Settings, topic = 'orders') {
  const { consumerContext, injects, extracts, makesSpan, naming, captureHeaders, vocabulary, ...others } =
    settings;
  return {
    ...others,
    readsMessages: undefined,
    makesSpan: makesSpan ? makesSpan(send(topic)) : 'all',
    spanName: naming.span(send(topic)),
    capturedHeader: captureHeaders?.('tenant-id') ?? 'none',
    system: Object.keys(vocabulary.spanAttributes({})).join(' '),
    consumerContext: consumerContext(topic),
    injects: injects(topic),
    extracts: extracts(topic),
  };
}

export const DEFAULTS = {
  producerSpans: 'call',
  consumerContext: 'parent-and-link',
  injects: true,
  extracts: true,
  existingContext: 'auto',
  makesSpan: 'all',
  spanName: 'send orders',
  commitSpans: 'manual',
  adminSpans: 'auto',
  capturedHeader: 'none',
  system: 'messaging.system',
  exceptionSignal: 'event',
  metrics: true,
  requestMetrics: false,
  captureKey: true,
  captureSizes: false,
  captureErrorMessages: true,
  producerHook: undefined,
  consumerHook: undefined,
  batchHook: undefined,
};
