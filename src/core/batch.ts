import { ROOT_CONTEXT, SpanKind, trace, type Context, type Link, type SpanContext } from '@opentelemetry/api';
import type { KafkajsMessage } from '../config/options';
import { originsOf, type MessageOrigin } from '../propagation/batch-origins';
import { setHandledOrigin, type HandledBatch } from '../propagation/extract';
import type { Runtime } from '../runtime';
import { attempt } from '../support/guard';
import type { ClientInfo, MessageReader, ReceivedBatch } from './port';
import { processFacts, relate, type BatchPlace } from './process';
import { describeMessages, MAX_LINKS, runHook, SpanOperation, startSpan, messageFacts } from './span';

/**
 * Starts the span of one `eachBatch` call, with a link to each producer span of its messages. If all messages have the same
 * producer span, that span is also the parent. The conventions ask only for links, but many users think that two separate
 * traces are a bug.
 */
export function startBatchSpan(
  runtime: Runtime,
  client: ClientInfo,
  { topic, partition, messages }: ReceivedBatch,
  base: Context,
): BatchSpan {
  const { settings } = runtime;
  const mode = settings.consumerContext(topic);
  const { origins, isComplete } = settings.extracts(topic)
    ? originsOf(client.messages, messages, base, MAX_LINKS)
    : { origins: [], isComplete: false };
  const only = isComplete && origins.length === 1 ? origins[0] : undefined;
  const parent = only ? relate(mode, only.context, only.span).parent : base;
  const span = startSpan(
    runtime,
    describeMessages(settings, 'process', topic, client.group, messages.length),
    {
      kind: SpanKind.CONSUMER,
      facts: processFacts(runtime, client, { topic, partition, batchCount: messages.length }),
      links: only && mode === 'parent' ? [] : origins.map(origin => linkTo(runtime, client.messages, origin)),
      parent,
    },
  );
  runHook(runtime, 'batchHook', settings.batchHook, span, () => ({
    topic,
    partition,
    messages: messages as readonly KafkajsMessage[],
  }));
  const context = attempt(runtime, 'context', () => {
    const own = span ? trace.setSpan(parent, span) : (only?.context ?? base);
    return setHandledOrigin(own, new OriginsOfBatch(client.messages, messages));
  });
  return new BatchSpan(runtime, span, 'process', client.errors, context ?? parent);
}

export class BatchSpan extends SpanOperation {
  /**
   * `withMessageSpan` keeps this object as long as the batch exists. `live` is cleared when the span ends, to free the span
   * and its links.
   */
  readonly place: BatchPlace = { live: this.span, context: undefined };

  override end(): void {
    super.end();
    this.place.live = undefined;
  }

  override fail(error: unknown): void {
    super.fail(error);
    this.place.live = undefined;
  }
}

/** Offset and key are recorded only if exactly one message of the batch has this producer span. */
function linkTo({ settings }: Runtime, reader: MessageReader, { span, only }: MessageOrigin): Link {
  if (only === undefined) return { context: span };
  const { key, tombstone } = messageFacts(reader, only, settings);
  return {
    context: span,
    attributes: settings.vocabulary.attributes({ offset: reader.offset(only), key, tombstone }),
  };
}

/**
 * Tells whether a span context comes from a message of the batch. Needed if the handler forwards a message with its old
 * headers. Pending promises can keep this object in memory for long, so it holds the messages weakly.
 */
class OriginsOfBatch implements HandledBatch {
  readonly #messages: WeakRef<readonly unknown[]>;
  #index: Set<string> | undefined;

  constructor(
    private readonly reader: MessageReader,
    messages: readonly unknown[],
  ) {
    this.#messages = new WeakRef(messages);
  }

  has(span: SpanContext): boolean {
    const idOf = ({ traceId, spanId }: SpanContext) => traceId + spanId;
    this.#index ??= new Set(
      originsOf(this.reader, this.#messages.deref() ?? [], ROOT_CONTEXT).origins.map(origin =>
        idOf(origin.span),
      ),
    );
    return this.#index.has(idOf(span));
  }
}
