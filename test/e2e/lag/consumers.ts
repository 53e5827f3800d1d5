import { setTimeout as pause } from 'node:timers/promises';
import { startProgram, type Program } from '../../support/program';
import { withAdmin } from '../../support/topics';

/** A data point of a metric. The name has no prefix `kafka.consumer.`. */
export interface Point {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
}

/** An action that a handler does once. Each time the handler reaches the offset, it takes the next action. */
export interface Step {
  readonly at: number;
  readonly do: 'hang' | 'typeError' | 'error' | 'pauseAndFail' | 'pause' | 'seek' | 'heartbeat';
  readonly to?: string;
}

export interface StartOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Passed to `consumer.subscribe()`. Default: from the beginning. */
  readonly fromBeginning?: boolean;
  readonly brokers?: readonly string[];
  readonly handler?: 'eachMessage' | 'eachBatch';
  readonly plan?: readonly Step[];
  /** True if the batch handler resolves the offset of each message. */
  readonly resolves?: boolean;
  /** Passed to `kafka.consumer()`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Passed to `consumer.run()`. */
  readonly run?: Readonly<Record<string, unknown>>;
  /** Collect metrics in every handler and at every event. `watched` returns the values. */
  readonly watches?: boolean;
}

export type Reader = 'cumulative' | 'delta';

/** A program with consumers. The test controls the program. */
export interface Consumers {
  start(as: string, options: StartOptions): Promise<void>;
  command(command: string, options?: Readonly<Record<string, unknown>>): Promise<unknown>;
  collect(reader?: Reader): Promise<Point[]>;
  watched(as: string): Promise<Point[]>;
  /** Waits until the handler of a consumer reaches an offset. */
  reached(as: string, topic: string, offset: number, partition?: number): Promise<void>;
  /** Waits until the handler hangs at an offset. */
  hangs(as: string, topic: string, offset: number, partition?: number): Promise<void>;
  /** Waits for a kafkajs event. */
  event(as: string, name: string): Promise<void>;
}

/**
 * Default tracing: two metric readers that collect on demand. Another tracing file can be given, with settings in
 * `env`.
 */
export function startConsumers(
  tracing = './fixtures/lag/tracing.cjs',
  env: Readonly<Record<string, string>> = {},
  file = 'fixtures/lag/consumers.cjs',
): Consumers {
  const program: Program = startProgram({
    file,
    execArgv: ['--require', tracing],
    env: { NODE_NO_WARNINGS: '1', ...env },
  });
  let asked = 0;
  const command = async (name: string, options: Readonly<Record<string, unknown>> = {}) => {
    const id = ++asked;
    program.send(JSON.stringify({ ...options, id, command: name }));
    const [, kind, value = ''] = await program.line(new RegExp(`^(answer|failure) ${id} (.*)$`), 60_000);
    if (kind === 'failure') throw new Error(value);
    return JSON.parse(value) as unknown;
  };
  return {
    command,
    async start(as, options) {
      await command('start', { as, ...options });
    },
    collect: async (reader = 'cumulative') => (await command('collect', { reader })) as Point[],
    watched: async as => (await command('watched', { as })) as Point[],
    async reached(as, topic, offset, partition = 0) {
      await program.line(`reached ${as} "${topic}/${partition}@${offset}"`, 60_000);
    },
    async hangs(as, topic, offset, partition = 0) {
      await program.line(`hangs ${as} "${topic}/${partition}@${offset}"`, 60_000);
    },
    async event(as, name) {
      await program.line(`event ${as} ${name} `, 60_000);
    },
  };
}

/** Returns the values of a metric for a topic, by partition. */
export function byPartition(points: readonly Point[], name: string, topic: string): Record<string, number> {
  return Object.fromEntries(
    points
      .filter(({ name: is, attributes }) => is === name && attributes['messaging.destination.name'] === topic)
      .map(({ attributes, value }) => [String(attributes['messaging.destination.partition.id']), value]),
  );
}

/** Returns the lag of the consumers of a program for a topic, by partition. */
export const lagOf = async (consumers: Consumers, topic: string, reader?: Reader) =>
  byPartition(await consumers.collect(reader), 'records_lag', topic);

/** Returns the only value of a metric. Undefined if there is no value. */
export function valueOf(points: readonly Point[], name: string): number | undefined {
  const found = points.filter(({ name: is }) => is === name);
  if (found.length > 1)
    throw new Error(`expected one series of ${name}, got ${found.length}: ${JSON.stringify(found)}`);
  return found[0]?.value;
}

/** Asks Kafka for the number of uncommitted records of a group, by partition. */
export async function uncommitted(topic: string, group: string): Promise<Record<string, number>> {
  return withAdmin(async admin => {
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return Object.fromEntries(
      ends.map(({ partition, high }) => {
        const offset = committed?.partitions.find(entry => entry.partition === partition)?.offset;
        return [String(partition), Number(high) - Math.max(0, Number(offset ?? 0))];
      }),
    );
  });
}

/** Pause between two polls. Without a pause, polling would take CPU time from the program under test. */
const PAUSE_MS = 25;

/** Polls both values until they are equal. After the deadline, rejects with the difference. */
export async function untilEqual(
  seen: () => Promise<unknown>,
  truth: () => Promise<unknown>,
  deadlineMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const [is, expected] = [await seen(), await truth()];
    try {
      expect(is).toEqual(expected);
      return;
    } catch (difference) {
      if (performance.now() > deadline) throw difference;
      await pause(PAUSE_MS);
    }
  }
}

/** Polls until the value meets a condition. */
export async function until<Seen>(
  look: () => Promise<Seen>,
  holds: (seen: Seen) => boolean,
  deadlineMs = 60_000,
): Promise<Seen> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > deadline)
      throw new Error(`condition not met within ${deadlineMs} ms; last value: ${JSON.stringify(seen)}`);
    await pause(PAUSE_MS);
  }
}

/** Returns all values of a metric with the attributes to compare. */
export function pointsOf(points: readonly Point[], name: string): Point[] {
  return points.filter(({ name: is }) => is === name);
}
