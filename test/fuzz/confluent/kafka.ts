import type { Session } from '../run/session';
import type { Cluster, Reply } from './addon';
import type { ConfluentCopy, Factories } from './copy';

/** Creates an imitated cluster. The session records its events. */
export function capturedCluster(
  session: Session<ConfluentCopy>,
  to: {
    readonly topics: Cluster['topics'];
    readonly replies?: Readonly<Partial<Record<string, readonly Reply[]>>>;
    readonly drained?: () => void;
  },
): Cluster {
  const cluster: Cluster = {
    topics: to.topics,
    replies: Object.fromEntries(
      Object.entries(to.replies ?? {}).map(([method, list = []]) => [method, [...list]]),
    ),
    produced: record => {
      session.note('produced', session.produced.length);
      session.produced.push(record);
    },
    called: (method, ...args) => {
      session.note(`binding ${method}`, ...args);
    },
    drained: to.drained ?? (() => undefined),
  };
  session.copy.captured.cluster = cluster;
  return cluster;
}

/** Creates a `Kafka` object. The session records its log. */
export function kafkaOf(session: Session<ConfluentCopy>, brokers: readonly string[]): Factories {
  return new session.copy.kafkajs.Kafka({
    kafkaJS: { brokers: [...brokers], clientId: 'program', logger: loggerOf(session) },
  });
}

/** Records the log, because errors of handlers appear nowhere else. */
export function loggerOf(session: Session<ConfluentCopy>): object {
  const log = (level: string) => (message: unknown) => {
    session.note(level, typeof message === 'string' ? withoutStack(message) : message);
  };
  const logger = {
    error: log('error'),
    warn: log('warn'),
    info: () => undefined,
    debug: () => undefined,
    setLogLevel: () => undefined,
    namespace: () => logger,
  };
  return logger;
}

/** Stacks differ, because they contain the frames of wrappers. */
const withoutStack = (text: string): string => text.replaceAll(/\n\s+at .*/g, '');
