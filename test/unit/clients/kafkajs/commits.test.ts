import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { instrumentSendOffsets } from '../../../../src/clients/kafkajs/commits';
import type { Methods } from '../../../../src/support/wrap';
import { useMeasuring } from '../../metrics/measuring';
import { client, contextOf, producer, useTracing } from '../../core/tracing';
import { attributes, commit, commits, instrumented, listed, ofPartition, one } from './committing';

const tracing = useTracing();
const measuring = useMeasuring();

describe('commitOffsets', () => {
  test('has a span below whatever is active', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    await context.with(contextOf(producer('a', 5)), () => commitOffsets(listed));
    expect(commits(tracing)).toEqual([commit({ parent: producer('a', 5).spanId })]);
  });

  test('of partitions that are written as text, as kafkajs lists them, tells them as numbers', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    await commitOffsets([{ topic: 'orders', partition: '2', offset: '8' }]);
    expect(commits(tracing)).toEqual([commit()]);
  });

  test('of a partition that is no number tells none', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    await commitOffsets([{ topic: 'orders', partition: 'x', offset: '8' }]);
    expect(commits(tracing)).toEqual([
      commit({ attributes: { ...attributes, 'messaging.destination.name': 'orders' } }),
    ]);
  });

  test('of several partitions tells none, of several topics none of these either', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    const other = { topic: 'orders', partition: 3, offset: '1' };
    await commitOffsets([...listed, other]);
    await commitOffsets([...listed, other, { topic: 'bills', partition: 0, offset: '1' }]);
    expect(commits(tracing)).toEqual([
      commit({ attributes: { ...attributes, 'messaging.destination.name': 'orders' } }),
      commit({ name: 'commit', attributes }),
    ]);
  });

  test('that is told to commit nothing has none', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    await commitOffsets();
    await commitOffsets([]);
    expect(commits(tracing)).toEqual([]);
  });

  test('has none where the consumer has stopped, since kafkajs then silently commits nothing', async () => {
    const { consumer, commitOffsets } = instrumented(tracing.runtime());
    consumer.isRunning = false;
    await commitOffsets(listed);
    expect(commits(tracing)).toEqual([]);
  });

  test('that fails has a failed one, and the program gets the very error', async () => {
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

  test('with arguments that kafkajs refuses has a failed one too, about nothing in particular', async () => {
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

  test('has one where no context manager carries the call to its event', async () => {
    const { commitOffsets } = instrumented(tracing.runtime());
    const carried = jest.spyOn(context, 'active').mockReturnValue(ROOT_CONTEXT);
    await commitOffsets(listed);
    carried.mockRestore();
    expect(commits(tracing)).toEqual([commit()]);
  });

  test('is one listener, however often it is called', async () => {
    const { consumer, commitOffsets } = instrumented(tracing.runtime());
    await commitOffsets(listed);
    await commitOffsets(listed);
    expect(consumer.listenerCount('consumer.commit_offsets')).toBe(1);
  });
});

describe('sendOffsets of a transaction', () => {
  const inside = contextOf(producer('b', 9));
  const sendOffsets = (result: () => unknown, telemetry = tracing.runtime()) => {
    const owner: Methods = { sendOffsets: result };
    instrumentSendOffsets(telemetry, owner, { ...client, group: undefined }, () => inside);
    return owner['sendOffsets'] as (offsets: unknown) => Promise<unknown>;
  };

  test('is a child of the transaction, and names the group that it is given', async () => {
    await sendOffsets(() => Promise.resolve())({ consumerGroupId: 'billing', ...one });
    expect(commits(tracing)).toEqual([commit({ parent: producer('b', 9).spanId })]);
  });

  test('of no offsets has no span', async () => {
    await sendOffsets(() => Promise.resolve())({ consumerGroupId: 'billing', topics: [] });
    expect(commits(tracing)).toEqual([]);
  });

  test.each([
    [undefined],
    [null],
    [{ consumerGroupId: 'billing' }],
    [{ consumerGroupId: 'billing', topics: 7 }],
  ])('that kafkajs refuses, given %j, has a failed span', async given => {
    const refusal = new TypeError('no');
    await expect(sendOffsets(() => Promise.reject(refusal))(given)).rejects.toBe(refusal);
    expect(commits(tracing)).toMatchObject([{ name: 'commit', status: 'ERROR' }]);
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
    const { telemetry, read } = measuring.with(tracing.runtime({ commitSpans: 'none' }));
    await commitAll(instrumented(telemetry));
    expect(commits(tracing)).toEqual([]);
    expect(await read('messaging.client.operation.duration')).toMatchObject([
      { value: { count: 3 }, attributes: { 'messaging.operation.name': 'commit' } },
    ]);
  });

  test('have no listener where there is neither span nor metric', async () => {
    const all = instrumented(tracing.runtime({ commitSpans: 'none' }));
    await commitAll(all);
    expect(all.consumer.listenerCount('consumer.commit_offsets')).toBe(0);
  });

  test('leave no trace while the instrumentation is disabled, or tracing suppressed', async () => {
    const off = { ...tracing.runtime(), enabled: true };
    const all = instrumented(off);
    await context.with(suppressTracing(context.active()), () => commitAll(all));
    off.enabled = false;
    await commitAll(all);
    expect(commits(tracing)).toEqual([]);
  });

  test('are those that a filter leaves out', async () => {
    const filter = ({ kind }: { kind: string }) => kind !== 'commit';
    await commitAll(instrumented(tracing.runtime({ filter })));
    expect(commits(tracing)).toEqual([]);
  });
});
