import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { instrumentProducer } from '../../../../src/clients/kafkajs/producer';
import { withMessageSpan } from '../../../../src/core/message-span';
import type { Methods } from '../../../../src/support/wrap';
import { useMeasuring } from '../../metrics/measuring';
import { client, contextOf, producer, useTracing } from '../../core/tracing';
import {
  attributes,
  commit,
  commits,
  instrumented,
  listed,
  ofPartition,
  one,
  several,
  type Offsets,
  type Payload,
} from './committing';

const tracing = useTracing();
const measuring = useMeasuring();

describe('commitOffsets', () => {
  test('has a span under the active one', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    await context.with(contextOf(producer('a', 5)), () => commitOffsets(listed));
    expect(commits(tracing)).toEqual([commit({ parent: producer('a', 5).spanId })]);
  });

  test('with a partition as a string, as kafkajs lists them, has it as a number on its span', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    await commitOffsets([{ topic: 'orders', partition: '2', offset: '8' }]);
    expect(commits(tracing)).toEqual([commit()]);
  });

  test('with a partition that is not a number has no partition on its span', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    await commitOffsets([{ topic: 'orders', partition: 'x', offset: '8' }]);
    expect(commits(tracing)).toEqual([
      commit({ attributes: { ...attributes, 'messaging.destination.name': 'orders' } }),
    ]);
  });

  test('of several partitions has no partition on its span, and of several topics no topic', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    const other = { topic: 'orders', partition: 3, offset: '1' };
    await commitOffsets([...listed, other]);
    await commitOffsets([...listed, other, { topic: 'bills', partition: 0, offset: '1' }]);
    expect(commits(tracing)).toEqual([
      commit({ attributes: { ...attributes, 'messaging.destination.name': 'orders' } }),
      commit({ name: 'commit', attributes }),
    ]);
  });

  test('that fails names the partitions of the call, even if the program empties its list meanwhile', async () => {
    const { consumer, commitOffsets } = instrumented(tracing.runtime());
    consumer.failure = new Error('theirs');
    const list = [...listed];
    const committed = commitOffsets(list);
    list.length = 0;
    await expect(committed).rejects.toThrow('theirs');
    expect(
      tracing.spans().map(({ name, attributes: { 'messaging.destination.partition.id': id } }) => [name, id]),
    ).toEqual([['commit orders', '2']]);
  });

  test('without offsets has no span', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    await commitOffsets();
    await commitOffsets([]);
    expect(commits(tracing)).toEqual([]);
  });

  test('has no span after the consumer has stopped: kafkajs then commits nothing without an error', async () => {
    const { consumer, commitOffsets } = instrumented(tracing.runtime());
    consumer.isRunning = false;
    await commitOffsets(listed);
    expect(commits(tracing)).toEqual([]);
  });

  test('that fails has a failed span, and the program gets the same error', async () => {
    const { consumer, commitOffsets } = instrumented(tracing.runtime());
    consumer.failure = Object.freeze(
      Object.assign(new Error('no'), { name: 'KafkaJSError', type: 'UNKNOWN_MEMBER_ID' }),
    );
    await expect(commitOffsets(listed)).rejects.toBe(consumer.failure);
    expect(commits(tracing)).toEqual([
      commit({
        status: 'ERROR',
        attributes: { ...ofPartition, 'error.type': 'UNKNOWN_MEMBER_ID' },
        events: ['exception'],
      }),
    ]);
  });

  test('with arguments that kafkajs refuses has a failed span without topic', async () => {
    const { consumer, commitOffsets } = instrumented(tracing.runtime());
    const refused = commitOffsets('text' as never);
    await expect(refused).rejects.toThrow(TypeError);
    expect(commits(tracing)).toEqual([
      commit({
        name: 'commit',
        status: 'ERROR',
        attributes: { ...attributes, 'error.type': 'TypeError' },
        events: ['exception'],
      }),
    ]);
    expect([consumer.listenerCount('consumer.commit_offsets'), tracing.logged]).toEqual([1, []]);
  });

  test('has a span if no context manager connects the call with its event', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    const carried = jest.spyOn(context, 'active').mockReturnValue(ROOT_CONTEXT);
    await commitOffsets(listed);
    carried.mockRestore();
    expect(commits(tracing)).toEqual([commit()]);
  });

  test('adds one listener, however often it is called', async () => {
    const { consumer, commitOffsets } = instrumented(tracing.runtime());
    await commitOffsets(listed);
    await commitOffsets(listed);
    expect(consumer.listenerCount('consumer.commit_offsets')).toBe(1);
  });
});

describe('commitOffsetsIfNecessary', () => {
  test('is a child of the batch span, and has no span if nothing was due', async () => {
    const { consumer, handle } = instrumented(tracing.runtime());
    const ids: unknown[] = [];
    await handle(async payload => {
      ids.push(trace.getSpanContext(context.active())?.spanId);
      for (let asked = 1; asked <= 1000; asked++) {
        consumer.due = asked % 500 === 0 ? one : undefined;
        await payload.commitOffsetsIfNecessary();
      }
    });
    expect(commits(tracing)).toEqual([commit({ parent: ids[0] }), commit({ parent: ids[0] })]);
  });

  test('inside withMessageSpan is a child of the span of the message', async () => {
    const { handle } = instrumented(tracing.runtime());
    const ids: unknown[] = [];
    await handle(({ batch, ...payload }) =>
      withMessageSpan(batch as object, { offset: '7' }, async () => {
        ids.push(trace.getSpanContext(context.active())?.spanId);
        await payload.commitOffsetsIfNecessary(one);
      }),
    );
    expect(commits(tracing)).toEqual([commit({ parent: ids[0] })]);
  });

  test.each<[string, Offsets | undefined]>([
    ['the offsets that are given', several],
    ['all that is due', undefined],
    ['all that is due, given an empty object', {}],
  ])('has no topic if it commits %s of several topics', async (_what, given) => {
    const { consumer, handle } = instrumented(tracing.runtime());
    consumer.due = several;
    await handle(payload => payload.commitOffsetsIfNecessary(given));
    expect(commits(tracing)).toMatchObject([{ name: 'commit', attributes }]);
  });

  test.each<[string, Offsets | undefined]>([
    ['the offsets that are given', one],
    ['what is due', undefined],
  ])('that fails to commit %s has their topic and partition', async (_what, given) => {
    const { consumer, handle } = instrumented(tracing.runtime());
    consumer.due = one;
    consumer.failure = new Error('no');
    await expect(handle(payload => payload.commitOffsetsIfNecessary(given))).rejects.toBe(consumer.failure);
    expect(commits(tracing)).toMatchObject([
      { name: 'commit orders', status: 'ERROR', attributes: { ...ofPartition, 'error.type': 'Error' } },
    ]);
  });

  test('called after its handler still belongs to its consumer', async () => {
    const { handle } = instrumented(tracing.runtime());
    const kept: Payload[] = [];
    await handle(payload => void kept.push(payload));
    await kept[0]?.commitOffsetsIfNecessary(one);
    expect(commits(tracing)).toEqual([commit()]);
  });
});

describe('sendOffsets of a transaction', () => {
  /** Begins a transaction whose `sendOffsets` returns this result. */
  const begin = async (result: () => unknown) => {
    const transaction = { sendOffsets: result, commit: () => Promise.resolve(), isActive: () => true };
    const producer: Methods = { transaction: () => Promise.resolve(transaction) };
    instrumentProducer(tracing.runtime(), producer, { ...client, group: undefined });
    await (producer['transaction'] as () => Promise<unknown>)();
    return transaction as {
      sendOffsets: (offsets: unknown) => Promise<unknown>;
      commit: () => Promise<void>;
    };
  };

  test('is a child of the transaction, whatever span is active, and has the group of its argument', async () => {
    const transaction = await begin(() => Promise.resolve());
    await context.with(contextOf(producer('b', 9)), () =>
      transaction.sendOffsets({ consumerGroupId: 'billing', ...one }),
    );
    await transaction.commit();
    const parent = tracing.spans().find(({ name }) => name === 'transaction')?.spanId;
    expect(parent).toBeDefined();
    expect(commits(tracing)).toEqual([commit({ parent })]);
  });

  test('without offsets has no span', async () => {
    const { sendOffsets } = await begin(() => Promise.resolve());
    await sendOffsets({ consumerGroupId: 'billing', topics: [] });
    expect(commits(tracing)).toEqual([]);
  });

  test.each([
    [undefined],
    [null],
    [{ consumerGroupId: 'billing' }],
    [{ consumerGroupId: 'billing', topics: 7 }],
  ])('that kafkajs refuses, given %j, has a failed span', async given => {
    const refusal = new TypeError('no');
    const { sendOffsets } = await begin(() => Promise.reject(refusal));
    await expect(sendOffsets(given)).rejects.toBe(refusal);
    expect(commits(tracing)).toMatchObject([{ name: 'commit', status: 'ERROR' }]);
    expect(tracing.logged).toEqual([]);
  });
});

describe('a commit has no span', () => {
  const commitAll = async ({ consumer, commitOffsets, handle }: ReturnType<typeof instrumented>) => {
    consumer.due = one;
    await commitOffsets(listed);
    await handle(async payload => {
      await payload.commitOffsetsIfNecessary();
      await payload.commitOffsetsIfNecessary(one);
    });
  };

  test('with commitSpans none, and is still measured', async () => {
    const { runtime, read } = measuring.with(tracing.runtime({ commitSpans: 'none' }));
    await commitAll(instrumented(runtime));
    expect(commits(tracing)).toEqual([]);
    expect(await read('messaging.client.operation.duration')).toMatchObject([
      { value: { count: 3 }, attributes: { 'messaging.operation.name': 'commit' } },
    ]);
  });

  test('with commitSpans none, and no listener without metrics', async () => {
    const all = instrumented(tracing.runtime({ commitSpans: 'none' }));
    await commitAll(all);
    expect(all.consumer.listenerCount('consumer.commit_offsets')).toBe(0);
  });

  test('while the instrumentation is disabled or tracing is suppressed', async () => {
    const off = { ...tracing.runtime(), isEnabled: true };
    const all = instrumented(off);
    await context.with(suppressTracing(context.active()), () => commitAll(all));
    off.isEnabled = false;
    await commitAll(all);
    expect(commits(tracing)).toEqual([]);
  });

  test('if a filter excludes it', async () => {
    const filter = ({ kind }: { kind: string }) => kind !== 'commit';
    await commitAll(instrumented(tracing.runtime({ filter })));
    expect(commits(tracing)).toEqual([]);
  });
});
