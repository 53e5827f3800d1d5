import {
  ROOT_CONTEXT,
  SpanKind,
  context as contextApi,
  trace,
  type Context,
  type Link,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import type { KafkajsMessage } from '../config/hooks';
import type { ConsumerContext } from '../config/options';
import type { Settings } from '../config/settings';
import { setHandled, type HandledBatch } from '../propagation/existing';
import { withoutCaller } from '../propagation/extract';
import { layered } from '../propagation/layered';
import { producersOf, type Producer, type Producers } from '../propagation/producers';
import { runHook } from './hooks';
import { messageFacts, offsetNumber } from './message';
import { SpanOperation, processFacts, readMessage, relate, startProcess, type Operation } from './process';
import { MAX_LINKS } from './carried';
import { describe, startSpan } from './span';
import type { ClientFacts } from './client';
import { attempt, type Telemetry } from './telemetry';

type Message = { readonly offset: string; readonly timestamp?: unknown };

/** A kafkajs batch, as far as it is read here. */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly Message[];
}

export interface BatchOperation extends Operation {
  readonly messages: BatchMessages;
}

/** The span around one call of `eachBatch`; there is none for an empty batch. */
export function startBatch(
  telemetry: Telemetry,
  client: ClientFacts,
  batch: Batch,
  base = withoutCaller(contextApi.active()),
): BatchOperation | undefined {
  const { topic, partition, messages } = batch;
  if (messages.length === 0) return undefined;
  const { settings } = telemetry;
  const mode = settings.consumerContext(topic);
  const producers: Producers<Message> = settings.extracts(topic)
    ? producersOf(messages, base, MAX_LINKS)
    : { distinct: [], complete: false };
  const only = producers.complete && producers.distinct.length === 1 ? producers.distinct[0] : undefined;
  const parent = only ? relate(mode, only.context, only.span).parent : base;
  const facts = processFacts(client, topic, partition);
  facts.batchCount = messages.length;
  const span = startSpan(telemetry, describe('process', topic, client.group, messages.length), {
    kind: SpanKind.CONSUMER,
    facts,
    client,
    links: only && mode === 'parent' ? [] : linksTo(producers.distinct, settings),
    parent,
  });
  runHook(telemetry, 'batchHook', settings.batchHook, span, () => ({
    topic,
    partition,
    messages: messages as unknown as readonly KafkajsMessage[],
  }));
  const context = attempt(telemetry, 'context', () => {
    const own = span ? trace.setSpan(parent, span) : (only?.context ?? base);
    return setHandled(own, new AnyOf(messages));
  });
  const own = new BatchMessages(telemetry, client, { topic, partition, mode }, span);
  return new BatchSpan(telemetry, span, context ?? parent, own);
}

class BatchSpan extends SpanOperation implements BatchOperation {
  constructor(
    telemetry: Telemetry,
    span: Span | undefined,
    context: Context,
    readonly messages: BatchMessages,
  ) {
    super(telemetry, span, 'process', context);
  }

  override end(): void {
    super.end();
    this.messages.outlive();
  }

  override fail(error: unknown): void {
    super.fail(error);
    this.messages.outlive();
  }
}

/** Starts the spans of single messages of a batch, also when its handler is over. */
export class BatchMessages {
  #batchSpan: Span | undefined;

  constructor(
    private readonly telemetry: Telemetry,
    private readonly client: ClientFacts,
    private readonly batch: {
      readonly topic: string;
      readonly partition: number;
      readonly mode: ConsumerContext;
    },
    batchSpan: Span | undefined,
  ) {
    this.#batchSpan = batchSpan;
  }

  /**
   * The span goes on with the message's own trace, so that the trace is whole even where the batch span is not sampled, and points
   * back to the batch by a link; with `'link'` it is the other way round.
   */
  start(message: unknown): Operation {
    const { telemetry, client } = this;
    const { topic, partition, mode } = this.batch;
    const batchSpan = this.#batchSpan;
    const base = withoutCaller(contextApi.active());
    const { extracted, producer, handled } = readMessage(telemetry, topic, message, base);
    const inBatch = mode === 'link' || producer === undefined;
    const related = relate(mode, extracted, producer);
    const inBatchSpan = inBatch && batchSpan ? trace.setSpan(related.parent, batchSpan) : undefined;
    return startProcess(
      telemetry,
      client,
      { topic, partition, message: message as Message },
      {
        parent: inBatchSpan ?? related.parent,
        links:
          inBatch || !batchSpan ? related.links : [...related.links, { context: batchSpan.spanContext() }],
        through: inBatchSpan ?? extracted,
        handled,
      },
    );
  }

  /** Of a span that has ended, its place in the trace is all that is still needed. */
  outlive(): void {
    this.#batchSpan &&= trace.wrapSpanContext(this.#batchSpan.spanContext());
  }
}

function linksTo(producers: readonly Producer<Message>[], { captureKey, vocabulary }: Settings): Link[] {
  return producers.map(({ span, only }) => {
    if (!only) return { context: span };
    const { key, tombstone } = messageFacts(only, captureKey);
    const attributes = vocabulary.varyingAttributes({ offset: offsetNumber(only.offset), key, tombstone });
    return { context: span, attributes };
  });
}

/** Any message of a batch. Asked only when a handler forwards one with its old headers, so the index is made then. */
class AnyOf implements HandledBatch {
  /** Weak: up to Node.js 22, each promise that a handler makes and the program keeps holds this context. */
  readonly #messages: WeakRef<readonly Message[]>;
  #index: Set<string> | undefined;

  constructor(messages: readonly Message[]) {
    this.#messages = new WeakRef(messages);
  }

  has(span: SpanContext): boolean {
    const id = ({ traceId, spanId }: SpanContext) => traceId + spanId;
    this.#index ??= new Set(
      producersOf(this.#messages.deref() ?? [], layered(ROOT_CONTEXT)).distinct.map(producer =>
        id(producer.span),
      ),
    );
    return this.#index.has(id(span));
  }
}
