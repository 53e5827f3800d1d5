import { setTimeout as pause } from 'node:timers/promises';
import { startProgram, type Program } from '../../support/program';
import { withAdmin } from '../../support/topics';

/** One data point of a metric `kafka.consumer.*`, whose name is without that prefix. */
export interface Point {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
}

/** A step of a handler's plan: taken once, one at each visit of the offset. */
export interface Step {
  readonly at: number;
  readonly do: 'hang' | 'typeError' | 'error' | 'pauseAndFail' | 'pause' | 'seek' | 'heartbeat';
  readonly to?: string;
}

export interface StartOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Of `consumer.subscribe()`; by default they are read from their beginning. */
  readonly fromBeginning?: boolean;
  readonly brokers?: readonly string[];
  readonly handler?: 'eachMessage' | 'eachBatch';
  readonly plan?: readonly Step[];
  /** Whether a batch handler resolves each message. */
  readonly resolves?: boolean;
  /** Of `kafka.consumer()`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Of `consumer.run()`. */
  readonly run?: Readonly<Record<string, unknown>>;
  /** Collect in every handler and at every event; `watched` gives what was seen. */
  readonly watches?: boolean;
}

export type Reader = 'cumulative' | 'delta';

/** A program with consumers in it, which the test commands. */
export interface Consumers {
  start(as: string, options: StartOptions): Promise<void>;
  command(command: string, options?: Readonly<Record<string, unknown>>): Promise<unknown>;
  collect(reader?: Reader): Promise<Point[]>;
  watched(as: string): Promise<Point[]>;
  /** Waits until the consumer's handler has come to an offset. */
  reached(as: string, topic: string, offset: number, partition?: number): Promise<void>;
  /** Waits until the handler hangs there. */
  hangs(as: string, topic: string, offset: number, partition?: number): Promise<void>;
  /** Waits for one of kafkajs's events. */
  event(as: string, name: string): Promise<void>;
}

/** By default with two readers that collect on demand; else preloads another tracing file, configured by `env`. */
export function startConsumers(
  tracing = './fixtures/lag/tracing.cjs',
  env: Readonly<Record<string, string>> = {},
): Consumers {
  const program: Program = startProgram({
    file: 'fixtures/lag/consumers.cjs',
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

/** What a metric says of each partition of a topic. */
export function byPartition(points: readonly Point[], name: string, topic: string): Record<string, number> {
  return Object.fromEntries(
    points
      .filter(({ name: is, attributes }) => is === name && attributes['messaging.destination.name'] === topic)
      .map(({ attributes, value }) => [String(attributes['messaging.destination.partition.id']), value]),
  );
}

/** The only value that a metric has, `undefined` if it has none. */
export function valueOf(points: readonly Point[], name: string): number | undefined {
  const found = points.filter(({ name: is }) => is === name);
  if (found.length > 1) throw new Error(`${found.length} series of ${name}: ${JSON.stringify(found)}`);
  return found[0]?.value;
}

/** The records of each partition that a group has not committed, by Kafka's own account. */
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

/** Between two questions: a test that asks as fast as it can takes the CPU from what it waits for. */
const PAUSE_MS = 25;

/** Asks both sides, over and over, until they agree; after the deadline, fails with how they differ. */
export async function untilEqual(
  seen: () => Promise<unknown>,
  truth: () => Promise<unknown>,
  deadlineMs = 30_000,
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

/** Asks until a condition on what is seen holds. */
export async function until<Seen>(
  look: () => Promise<Seen>,
  holds: (seen: Seen) => boolean,
  deadlineMs = 30_000,
): Promise<Seen> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${JSON.stringify(seen)}`);
    await pause(PAUSE_MS);
  }
}

/** Every value of a metric, with the attributes that matter, for a comparison. */
export function pointsOf(points: readonly Point[], name: string): Point[] {
  return points.filter(({ name: is }) => is === name);
}
