import { trace, type Context, type Link, type SpanContext } from '@opentelemetry/api';
import { keptContexts } from '../propagation/existing';
import { createSpans } from './create';
import type { Outgoing } from './send';
import type { Telemetry } from './telemetry';

/** Messages in one call above which `producerSpans: 'message'` falls back to one span per call and topic. */
const MAX_CREATE_SPANS = 128;

/** Links on one span: the SDK's own default limit. */
export const MAX_LINKS = 128;

/** What the messages of one entry carry, where it is not just the context of the send. */
export interface Carried {
  /** By index: the contexts that messages keep; those get no new headers. */
  readonly kept: readonly (SpanContext | undefined)[] | undefined;
  /** By index: the contexts of the messages' own create spans. */
  readonly created: readonly (Context | undefined)[] | undefined;
}

export function carriedBy(
  telemetry: Telemetry,
  entries: readonly Outgoing[],
  count: number,
  active: Context,
): readonly Carried[] | undefined {
  const { settings } = telemetry;
  const createsAll =
    settings.producerSpans === 'message' &&
    count <= MAX_CREATE_SPANS &&
    entries.every(({ topic }) => settings.injects(topic));
  let carried: Carried[] | undefined;
  let index = 0;
  for (const { topic, messages } of entries) {
    const kept = settings.injects(topic)
      ? keptContexts(messages, settings.existingContext, active)
      : undefined;
    const created = createsAll ? createSpans(telemetry, topic, messages, kept, active) : undefined;
    if (kept || created) (carried ??= Array.from(entries, () => NOTHING))[index] = { kept, created };
    index++;
  }
  return carried;
}

const NOTHING: Carried = { kept: undefined, created: undefined };

/** Whether any message carries the send's own context, as one does that keeps none and that has no create span. */
export function carriesOwn(entries: readonly Outgoing[], carried: readonly Carried[] | undefined): boolean {
  if (!carried || entries.every(({ messages }) => messages.length === 0)) return true;
  return entries.some(({ messages }, index) =>
    messages.some((_, message) => !carried[index]?.kept?.[message] && !carried[index]?.created?.[message]),
  );
}

export function linksTo(carried: readonly Carried[]): Link[] {
  const distinct = new Map<string, Link>();
  const link = (context: SpanContext | undefined) => {
    if (context && distinct.size < MAX_LINKS)
      distinct.set(`${context.traceId}${context.spanId}`, { context });
  };
  for (const { created } of carried)
    for (const context of created ?? []) link(context && trace.getSpanContext(context));
  for (const { kept } of carried) for (const context of kept ?? []) link(context);
  return [...distinct.values()];
}
