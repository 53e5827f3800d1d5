import { EventEmitter } from 'node:events';
import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { instrumentSendOffsets } from '../../../src/kafkajs/commits';
import { instrumentConsumer } from '../../../src/kafkajs/consumer';
import type { Methods } from '../../../src/kafkajs/types';
import { withMessageSpan } from '../../../src/telemetry/message-span';
import type { Telemetry } from '../../../src/telemetry/telemetry';
import { useMeasuring } from '../metrics/measuring';
import { client, contextOf, producer, useTracing } from '../telemetry/tracing';

const tracing = useTracing();
const measuring = useMeasuring();

interface Offset {
  readonly topic?: string;
  readonly partition: number | string;
  readonly offset: string;
}
interface Offsets {
  readonly topics?: readonly {
    readonly topic: string;
    readonly partitions: readonly Omit<Offset, 'topic'>[];
  }[];
}
interface Payload {
  readonly commitOffsetsIfNecessary: (offsets?: Offsets) => Promise<void>;
  readonly uncommittedOffsets: () => Offsets;
  readonly batch: unknown;
}
type CommitOffsets = (offsets?: readonly Offset[]) => Promise<void>;

const one: Offsets = { topics: [{ topic: 'orders', partitions: [{ partition: '2', offset: '8' }] }] };
const several: Offsets = {
  topics: [
    { topic: 'orders', partitions: [{ partition: '2', offset: '8' }] },
    { topic: 'bills', partitions: [{ partition: '0', offset: '3' }] },
  ],
};
const listed: readonly Offset[] = [{ topic: 'orders', partition: 2, offset: '8' }];

/** What kafkajs's consumer does with a commit: nothing once it has stopped, else an event when it is through. */
class Consumer extends EventEmitter {
  events = { COMMIT_OFFSETS: 'consumer.commit_offsets' };
  isRunning = true;
  /** What is due at the next asking. */
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

/** A consumer that is instrumented, and the handler that it got to run. */
function instrumented(telemetry: Telemetry = tracing.telemetry()) {
  const consumer = new Consumer();
  const handlers: ((payload: Payload) => unknown)[] = [];
  const owner = consumer as unknown as Methods;
  owner['run'] = (config: { eachBatch: (payload: Payload) => unknown }) =>
    void handlers.push(config.eachBatch);
  instrumentConsumer(telemetry, owner, client);
  return {
    consumer,
    commitOffsets: owner['commitOffsets'] as CommitOffsets,
    /** Runs a handler on one batch. */
    handle: async (eachBatch: (payload: Payload) => unknown): Promise<void> => {
      (owner['run'] as (config: unknown) => void)({ eachBatch });
      const handler = handlers.at(-1);
      if (handler) await consumer.deliver(handler);
    },
  };
}

const attributes = {
  'messaging.system': 'kafka',
  'messaging.operation.name': 'commit',
  'messaging.operation.type': 'settle',
  'messaging.consumer.group.name': 'billing',
  'messaging.client.id': 'shop',
  'messaging.kafka.cluster.id': 'cluster-1',
};
const ofPartition = {
  ...attributes,
  'messaging.destination.name': 'orders',
  'messaging.destination.partition.id': '2',
  'messaging.kafka.partition': 2,
};

/** Every `commit` span, whole but for its ids. */
const commits = () =>
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
const commit = (rest: object = {}) => ({
  name: 'commit orders',
  kind: 'CLIENT',
  parent: undefined as string | undefined,
  attributes: ofPartition,
  links: [],
  status: 'UNSET',
  events: [],
  ...rest,
});

describe('commitOffsets', () => {
  test('has a span below whatever is active', async () => {
    const { commitOffsets } = instrumented();
    await context.with(contextOf(producer('a', 5)), () => commitOffsets(listed));
    expect(commits()).toEqual([commit({ parent: producer('a', 5).spanId })]);
  });

  test('of partitions that are written as text, as kafkajs lists them, tells them as numbers', async () => {
    const { commitOffsets } = instrumented();
    await commitOffsets([{ topic: 'orders', partition: '2', offset: '8' }]);
    expect(commits()).toEqual([commit()]);
  });

  test('of a partition that is no number tells none', async () => {
    const { commitOffsets } = instrumented();
    await commitOffsets([{ topic: 'orders', partition: 'x', offset: '8' }]);
    expect(commits()).toEqual([
      commit({ attributes: { ...attributes, 'messaging.destination.name': 'orders' } }),
    ]);
  });

  test('of several partitions tells none, of several topics none of these either', async () => {
    const { commitOffsets } = instrumented();
    const other = { topic: 'orders', partition: 3, offset: '1' };
    await commitOffsets([...listed, other]);
    await commitOffsets([...listed, other, { topic: 'bills', partition: 0, offset: '1' }]);
    expect(commits()).toEqual([
      commit({ attributes: { ...attributes, 'messaging.destination.name': 'orders' } }),
      commit({ name: 'commit', attributes }),
    ]);
  });

  test('that is told to commit nothing has none', async () => {
    const { commitOffsets } = instrumented();
    await commitOffsets();
    await commitOffsets([]);
    expect(commits()).toEqual([]);
  });

  test('has none where the consumer has stopped, since kafkajs then silently commits nothing', async () => {
    const { consumer, commitOffsets } = instrumented();
    consumer.isRunning = false;
    await commitOffsets(listed);
    expect(commits()).toEqual([]);
  });

  test('that fails has a failed one, and the program gets the very error', async () => {
    const { consumer, commitOffsets } = instrumented();
    consumer.failure = Object.freeze(
      Object.assign(new Error('no'), { name: 'KafkaJSError', type: 'UNKNOWN_MEMBER_ID' }),
    );
    await expect(commitOffsets(listed)).rejects.toBe(consumer.failure);
    expect(commits()).toEqual([
      commit({
        status: 'ERROR',
        attributes: { ...ofPartition, 'error.type': 'UNKNOWN_MEMBER_ID' },
        events: ['exception'],
      }),
    ]);
  });

  test('with arguments that kafkajs refuses has a failed one too, about nothing in particular', async () => {
    const { consumer, commitOffsets } = instrumented();
    const refused = commitOffsets('text' as never);
    await expect(refused).rejects.toThrow(TypeError);
    expect(commits()).toEqual([
      commit({
        name: 'commit',
        status: 'ERROR',
        attributes: { ...attributes, 'error.type': 'TypeError' },
        events: ['exception'],
      }),
    ]);
    expect([consumer.listenerCount('consumer.commit_offsets'), tracing.logged]).toEqual([1, []]);
  });

  test('has one where no context manager carries the call to its event', async () => {
    const { commitOffsets } = instrumented();
    const carried = jest.spyOn(context, 'active').mockReturnValue(ROOT_CONTEXT);
    await commitOffsets(listed);
    carried.mockRestore();
    expect(commits()).toEqual([commit()]);
  });

  test('is one listener, however often it is called', async () => {
    const { consumer, commitOffsets } = instrumented();
    await commitOffsets(listed);
    await commitOffsets(listed);
    expect(consumer.listenerCount('consumer.commit_offsets')).toBe(1);
  });
});

describe('commitOffsetsIfNecessary', () => {
  test('is a child of the batch span, and spends no span where nothing was due', async () => {
    const { consumer, handle } = instrumented();
    const ids: unknown[] = [];
    await handle(async payload => {
      ids.push(trace.getSpanContext(context.active())?.spanId);
      for (let asked = 1; asked <= 1000; asked++) {
        consumer.due = asked % 500 === 0 ? one : undefined;
        await payload.commitOffsetsIfNecessary();
      }
    });
    expect(commits()).toEqual([commit({ parent: ids[0] }), commit({ parent: ids[0] })]);
  });

  test('inside withMessageSpan is a child of the span of the message', async () => {
    const { handle } = instrumented();
    const ids: unknown[] = [];
    await handle(({ batch, ...payload }) =>
      withMessageSpan(batch as object, { offset: '7' }, async () => {
        ids.push(trace.getSpanContext(context.active())?.spanId);
        await payload.commitOffsetsIfNecessary(one);
      }),
    );
    expect(commits()).toEqual([commit({ parent: ids[0] })]);
  });

  test.each<[string, Offsets | undefined]>([
    ['the offsets that are given', several],
    ['all that is due', undefined],
    ['all that is due, asked for by an empty object', {}],
  ])('tells no topic where it commits %s, of several topics', async (_what, given) => {
    const { consumer, handle } = instrumented();
    consumer.due = several;
    await handle(payload => payload.commitOffsetsIfNecessary(given));
    expect(commits()).toMatchObject([{ name: 'commit', attributes }]);
  });

  test.each<[string, Offsets | undefined]>([
    ['the offsets that are given', one],
    ['what is due', undefined],
  ])('that fails tells what it was to commit: %s', async (_what, given) => {
    const { consumer, handle } = instrumented();
    consumer.due = one;
    consumer.failure = new Error('no');
    await expect(handle(payload => payload.commitOffsetsIfNecessary(given))).rejects.toBe(consumer.failure);
    expect(commits()).toMatchObject([
      { name: 'commit orders', status: 'ERROR', attributes: { ...ofPartition, 'error.type': 'Error' } },
    ]);
  });

  test('called again, outside of its handler, still finds its consumer', async () => {
    const { handle } = instrumented();
    const kept: Payload[] = [];
    await handle(payload => void kept.push(payload));
    await kept[0]?.commitOffsetsIfNecessary(one);
    expect(commits()).toEqual([commit()]);
  });
});

describe('sendOffsets of a transaction', () => {
  const inside = contextOf(producer('b', 9));
  const sendOffsets = (result: () => unknown, telemetry = tracing.telemetry()) => {
    const owner: Methods = { sendOffsets: result };
    instrumentSendOffsets(telemetry, owner, { ...client, group: undefined }, () => inside);
    return owner['sendOffsets'] as (offsets: unknown) => Promise<unknown>;
  };

  test('is a child of the transaction, and names the group that it is given', async () => {
    await sendOffsets(() => Promise.resolve())({ consumerGroupId: 'billing', ...one });
    expect(commits()).toEqual([commit({ parent: producer('b', 9).spanId })]);
  });

  test('of no offsets has no span', async () => {
    await sendOffsets(() => Promise.resolve())({ consumerGroupId: 'billing', topics: [] });
    expect(commits()).toEqual([]);
  });

  test.each([
    [undefined],
    [null],
    [{ consumerGroupId: 'billing' }],
    [{ consumerGroupId: 'billing', topics: 7 }],
  ])('that kafkajs refuses, given %j, has a failed span', async given => {
    const refusal = new TypeError('no');
    await expect(sendOffsets(() => Promise.reject(refusal))(given)).rejects.toBe(refusal);
    expect(commits()).toMatchObject([{ name: 'commit', status: 'ERROR' }]);
    expect(tracing.logged).toEqual([]);
  });
});

describe('commits that are not to be seen', () => {
  const commitAll = async ({ consumer, commitOffsets, handle }: ReturnType<typeof instrumented>) => {
    consumer.due = one;
    await commitOffsets(listed);
    await handle(async payload => {
      await payload.commitOffsetsIfNecessary();
      await payload.commitOffsetsIfNecessary(one);
    });
  };

  test('have no spans with commitSpans none, and are measured all the same', async () => {
    const { telemetry, read } = measuring.with(tracing.telemetry({ commitSpans: 'none' }));
    await commitAll(instrumented(telemetry));
    expect(commits()).toEqual([]);
    expect(await read('messaging.client.operation.duration')).toMatchObject([
      { value: { count: 3 }, attributes: { 'messaging.operation.name': 'commit' } },
    ]);
  });

  test('have no listener where there is neither span nor metric', async () => {
    const all = instrumented(tracing.telemetry({ commitSpans: 'none' }));
    await commitAll(all);
    expect(all.consumer.listenerCount('consumer.commit_offsets')).toBe(0);
  });

  test('leave no trace while the instrumentation is disabled, or tracing suppressed', async () => {
    const off = { ...tracing.telemetry(), enabled: true };
    const all = instrumented(off);
    await context.with(suppressTracing(context.active()), () => commitAll(all));
    off.enabled = false;
    await commitAll(all);
    expect(commits()).toEqual([]);
  });

  test('are those that a filter leaves out', async () => {
    const filter = ({ kind }: { kind: string }) => kind !== 'commit';
    await commitAll(instrumented(tracing.telemetry({ filter })));
    expect(commits()).toEqual([]);
  });
});
