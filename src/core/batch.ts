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
 * Starts the span of one `eachBatch` call, with links to the distinct origins of its messages. If all messages have the same
 * origin, it is the parent too. The conventions ask for links only, but users see a split trace as broken.
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
  /** `withMessageSpan` keeps this for as long as the batch lives. A span that has ended would keep its links in memory. */
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

/** Offset and key are set only if exactly one message of the batch has this origin. */
function linkTo({ settings }: Runtime, reader: MessageReader, { span, only }: MessageOrigin): Link {
  if (only === undefined) return { context: span };
  const { key, tombstone } = messageFacts(reader, only, settings);
  return {
    context: span,
    attributes: settings.vocabulary.attributes({ offset: reader.offset(only), key, tombstone }),
  };
}

/**
 * The origins of a batch, to recognise a message that its handler forwards with the old headers. The index is built when it is
 * first needed. The reference to the messages is weak: a handler's context, which every pending promise keeps, must not keep
 * the batch in memory.
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
