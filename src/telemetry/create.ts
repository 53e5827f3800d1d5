import { SpanKind, trace, type Context, type SpanContext } from '@opentelemetry/api';
import { layered } from '../propagation/layered';
import type { KafkajsMessage } from '../config/hooks';
import { runHook } from './hooks';
import { messageFacts, namedPartition } from './message';
import { describe, startSpan } from './span';
import type { Telemetry } from './telemetry';

/** Spans of the messages' creation, ended at once: they say which message, the send span says how long. */
export function createSpans(
  telemetry: Telemetry,
  topic: string,
  messages: readonly unknown[],
  kept: readonly (SpanContext | undefined)[] | undefined,
  active: Context,
): (Context | undefined)[] {
  const { settings } = telemetry;
  return messages.map((message, index) => {
    if (kept?.[index]) return undefined;
    const { key, tombstone } = messageFacts(message, settings.captureKey);
    const span = startSpan(telemetry, describe('create', topic, undefined, 1, message), {
      kind: SpanKind.PRODUCER,
      facts: {
        operationType: 'create',
        destination: topic,
        partition: namedPartition([message]),
        key,
        tombstone,
      },
      parent: active,
    });
    if (!span) return undefined;
    runHook(telemetry, 'producerHook', settings.producerHook, span, () => ({
      topic,
      message: message as KafkajsMessage,
      messages: [message as KafkajsMessage],
    }));
    span.end();
    return trace.setSpan(layered(active), span);
  });
}
