import type { Kafka } from 'kafkajs';
import type { Session } from '../run/session';
import { capture, type Capture, type Reply } from './cluster';
import type { Copy } from './copy';
import type { StoredTopic } from './topics';

/** Requests that kafkajs sends by itself. Their number depends on timing. */
const NOT_COMPARED = new Set(['ApiVersions', 'Metadata', 'Fetch', 'Heartbeat', 'GroupCoordinator']);

/** Creates a `Kafka` object without a network. The session records its requests. */
export function capturedKafka(
  session: Session<Copy>,
  to: {
    readonly topics: readonly StoredTopic[];
    readonly replies?: Readonly<Partial<Record<string, readonly Reply[]>>>;
    readonly drained?: () => void;
  },
): Kafka {
  const { Kafka, logLevel } = session.copy.kafkajs;
  const kafka = new Kafka({
    brokers: ['captured:9092'],
    clientId: 'program',
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 1, maxRetryTime: 1, factor: 0, retries: 1 },
  });
  const replies = Object.fromEntries(
    Object.entries(to.replies ?? {}).map(([api, list = []]) => [api, [...list]]),
  );
  const capturing: Capture = {
    copy: session.copy,
    topics: to.topics,
    replies,
    committed: new Map(),
    drained: to.drained ?? (() => undefined),
    seen: request => {
      if (!NOT_COMPARED.has(request.api)) {
        session.requests.push(request);
        session.note('request', session.requests.length - 1, request.api);
      }
    },
  };
  capture(kafka, capturing);
  return kafka;
}
