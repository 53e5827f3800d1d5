import type { Attributes, ReceivedSpan } from '../../../support/otlp';
import type { Topic } from './topics';

/** A complete span without times and ids. Parent and links are given by names of spans. */
export interface WholeSpan {
  readonly name: string;
  readonly kind: string;
  readonly scope: string;
  readonly parent: string | undefined;
  readonly links: readonly { readonly to: string; readonly attributes: Attributes }[];
  readonly attributes: Attributes;
  readonly status: { readonly code: string; readonly message: string };
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
}

/** All spans of a program in order of their start, for `toEqual`. */
export function whole(spans: readonly ReceivedSpan[]): WholeSpan[] {
  const nameOf = (id: { traceId: string; spanId: string | undefined }) =>
    spans.find(({ traceId, spanId }) => traceId === id.traceId && spanId === id.spanId)?.name ??
    `a span that was not received (${id.spanId ?? ''})`;
  return [...spans]
    .sort(byStart)
    .map(({ traceId, parentSpanId, name, kind, scope, links, attributes, status, events }) => ({
      name,
      kind,
      scope,
      parent: parentSpanId === undefined ? undefined : nameOf({ traceId, spanId: parentSpanId }),
      links: links.map(link => ({ to: nameOf(link), attributes: link.attributes })),
      attributes,
      status,
      events: events.map(event => ({ name: event.name, attributes: event.attributes })),
    }));
}

/** Sorts by start. If two spans start in the same millisecond, the parent comes first. */
function byStart(one: ReceivedSpan, other: ReceivedSpan): number {
  if (one.start !== other.start) return one.start < other.start ? -1 : 1;
  return Number(one.parentSpanId === other.spanId) - Number(other.parentSpanId === one.spanId);
}

/** The client id of all programs. */
export const CLIENT_ID = 'fixture';

/** The expected span of a sent message without a key. */
export function sent(topic: Topic, offset = 0): WholeSpan {
  return {
    name: `send ${topic.name}`,
    kind: 'PRODUCER',
    scope: '@org/kafka-otel',
    parent: undefined,
    links: [],
    attributes: {
      ...located(topic, offset),
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
    },
    status: { code: 'UNSET', message: '' },
    events: [],
  };
}

/** The expected span of a send that kafkajs or the broker rejected. */
export function rejected(
  topic: Topic,
  error: { readonly type: string; readonly class: string; readonly message: string },
): WholeSpan {
  return {
    ...sent(topic),
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': topic.name,
      'messaging.client.id': CLIENT_ID,
      'messaging.kafka.cluster.id': topic.clusterId,
      'error.type': error.type,
    },
    status: { code: 'ERROR', message: error.message },
    events: [
      {
        name: 'exception',
        attributes: {
          'exception.type': error.class,
          'exception.message': error.message,
          'exception.stacktrace': expect.stringContaining(error.message) as string,
        },
      },
    ],
  };
}

/** The expected span of a message that `eachMessage` handled in the trace of its send. */
export function processed(topic: Topic, offset = 0): WholeSpan {
  return {
    ...orphan(topic, offset),
    parent: `send ${topic.name}`,
    links: [{ to: `send ${topic.name}`, attributes: {} }],
  };
}

/** The expected span of a handled message that has no valid context. */
export function orphan(topic: Topic, offset = 0): WholeSpan {
  return {
    ...sent(topic, offset),
    name: `process ${topic.name}`,
    kind: 'CONSUMER',
    attributes: {
      ...located(topic, offset),
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': topic.name,
    },
  };
}

function located({ name, clusterId, leader }: Topic, offset: number): Attributes {
  return {
    'messaging.system': 'kafka',
    'messaging.destination.name': name,
    'messaging.destination.partition.id': '0',
    'messaging.kafka.partition': 0,
    'messaging.kafka.offset': offset,
    'messaging.client.id': CLIENT_ID,
    'messaging.kafka.cluster.id': clusterId,
    'server.address': leader.host,
    'server.port': leader.port,
  };
}
