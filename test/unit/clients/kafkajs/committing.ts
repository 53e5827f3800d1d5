import { EventEmitter } from 'node:events';
import { instrumentConsumer } from '../../../../src/clients/kafkajs/consumer';
import type { Methods } from '../../../../src/support/wrap';
import type { Runtime } from '../../../../src/runtime';
import { client, partitionAttributes, type Tracing } from '../../core/tracing';

export interface Offset {
  readonly topic?: string;
  readonly partition: number | string;
  readonly offset: string;
}
export interface Offsets {
  readonly topics?: readonly {
    readonly topic: string;
    readonly partitions: readonly Omit<Offset, 'topic'>[];
  }[];
}
export interface Payload {
  readonly commitOffsetsIfNecessary: (offsets?: Offsets) => Promise<void>;
  readonly uncommittedOffsets: () => Offsets;
  readonly batch: unknown;
}
type CommitOffsets = (offsets?: readonly Offset[]) => Promise<void>;

export const one: Offsets = { topics: [{ topic: 'orders', partitions: [{ partition: '2', offset: '8' }] }] };
export const several: Offsets = {
  topics: [
    { topic: 'orders', partitions: [{ partition: '2', offset: '8' }] },
    { topic: 'bills', partitions: [{ partition: '0', offset: '3' }] },
  ],
};
export const listed: readonly Offset[] = [{ topic: 'orders', partition: 2, offset: '8' }];

/** Commits like the consumer of kafkajs: emits an event after a commit, and does not commit after `stop`. */
export class Consumer extends EventEmitter {
  events = { COMMIT_OFFSETS: 'consumer.commit_offsets' };
  isRunning = true;
  /** The offsets that the next call commits. */
  due: Offsets | undefined;
  failure: unknown;

  commitOffsets = async (offsets: readonly Offset[] = []): Promise<void> => {
    if (!this.isRunning) return;
    const topics = offsets.map(({ topic = '', ...rest }) => ({ topic, partitions: [rest] }));
    await this.#commit(topics);
  };

  async deliver(handler: (payload: Payload) => unknown): Promise<void> {
    await handler({
      batch: { topic: 'orders', partition: 2, messages: [{ offset: '7', headers: {} }] },
      uncommittedOffsets: () => this.due ?? { topics: [] },
      commitOffsetsIfNecessary: async offsets => {
        if (offsets) await this.#commit(offsets.topics ?? this.due?.topics ?? []);
        else await this.#commit(this.due?.topics ?? []);
      },
    });
  }

  async #commit(topics: NonNullable<Offsets['topics']>): Promise<void> {
    await Promise.resolve();
    if (topics.length === 0) return;
    if (this.failure !== undefined) throw this.failure as Error;
    this.emit('consumer.commit_offsets', { payload: { groupId: 'billing', topics } });
  }
}

/** Creates an instrumented consumer and a function that runs a batch handler. */
export function instrumented(runtime: Runtime) {
  const consumer = new Consumer();
  const handlers: ((payload: Payload) => unknown)[] = [];
  const owner = consumer as unknown as Methods;
  owner['run'] = (config: { eachBatch: (payload: Payload) => unknown }) =>
    void handlers.push(config.eachBatch);
  instrumentConsumer(runtime, owner, client);
  return {
    consumer,
    commitOffsets: owner['commitOffsets'] as CommitOffsets,
    /** Runs a handler for one batch. */
    handle: async (eachBatch: (payload: Payload) => unknown): Promise<void> => {
      (owner['run'] as (config: unknown) => void)({ eachBatch });
      const handler = handlers.at(-1);
      if (handler) await consumer.deliver(handler);
    },
  };
}

export const attributes = {
  'messaging.system': 'kafka',
  'messaging.operation.name': 'commit',
  'messaging.operation.type': 'settle',
  'messaging.consumer.group.name': 'billing',
  'messaging.client.id': 'shop',
  'messaging.kafka.cluster.id': 'cluster-1',
};
export const ofPartition = {
  ...attributes,
  'messaging.destination.name': 'orders',
  ...partitionAttributes,
};

/** Returns all commit spans without their ids. */
export const commits = (tracing: Tracing) =>
  tracing
    .spans()
    .filter(({ attributes: all }) => all['messaging.operation.name'] === 'commit')
    .map(({ name, kind, parent, attributes: all, links, status, events }) => ({
      name,
      kind,
      parent,
      attributes: all,
      links,
      status: status.code,
      events: events.map(event => event.name),
    }));
export const commit = (rest: object = {}) => ({
  name: 'commit orders',
  kind: 'CLIENT',
  parent: undefined as string | undefined,
  attributes: ofPartition,
  links: [],
  status: 'UNSET',
  events: [],
  ...rest,
});
