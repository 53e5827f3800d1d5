import { SpanKind, trace, type Context, type SpanContext } from '@opentelemetry/api';
import type { KafkajsMessage } from '../config/options';
import { spanName } from '../semconv/names';
import { runHook } from './hooks';
import { messageFacts, namedPartition } from './message';
import type { Telemetry } from './telemetry';

/** Spans of the messages' creation, ended at once: they say which message, the send span says how long. */
export function createSpans(
  telemetry: Telemetry,
  topic: string,
  messages: readonly unknown[],
  kept: readonly (SpanContext | undefined)[] | undefined,
  active: Context,
): (Context | undefined)[] {
  const { tracer, settings } = telemetry;
  return messages.map((message, index) => {
    if (kept?.[index]) return undefined;
    const { key, tombstone } = messageFacts(message, settings.captureKey);
    const span = tracer.startSpan(
      spanName('create', topic),
      {
        kind: SpanKind.PRODUCER,
        attributes: settings.vocabulary.messagingAttributes({
          operationName: 'create',
          operationType: 'create',
          destination: topic,
          partition: namedPartition([message]),
          key,
          tombstone,
        }),
      },
      active,
    );
    runHook(telemetry, 'producerHook', settings.producerHook, span, () => ({
      topic,
      message: message as KafkajsMessage,
      messages: [message as KafkajsMessage],
    }));
    span.end();
    return trace.setSpan(active, span);
  });
}
