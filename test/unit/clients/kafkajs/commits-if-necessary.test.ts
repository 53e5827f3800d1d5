import { context, trace } from '@opentelemetry/api';
import { withMessageSpan } from '../../../../src/core/message-span';
import { useTracing } from '../../core/tracing';
import {
  attributes,
  commit,
  commits,
  instrumented,
  ofPartition,
  one,
  several,
  type Offsets,
  type Payload,
} from './committing';

const tracing = useTracing();

describe('commitOffsetsIfNecessary', () => {
  test('is a child of the batch span, and spends no span where nothing was due', async () => {
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
    ['all that is due, asked for by an empty object', {}],
  ])('tells no topic where it commits %s, of several topics', async (_what, given) => {
    const { consumer, handle } = instrumented(tracing.runtime());
    consumer.due = several;
    await handle(payload => payload.commitOffsetsIfNecessary(given));
    expect(commits(tracing)).toMatchObject([{ name: 'commit', attributes }]);
  });

  test.each<[string, Offsets | undefined]>([
    ['the offsets that are given', one],
    ['what is due', undefined],
  ])('that fails tells what it was to commit: %s', async (_what, given) => {
    const { consumer, handle } = instrumented(tracing.runtime());
    consumer.due = one;
    consumer.failure = new Error('no');
    await expect(handle(payload => payload.commitOffsetsIfNecessary(given))).rejects.toBe(consumer.failure);
    expect(commits(tracing)).toMatchObject([
      { name: 'commit orders', status: 'ERROR', attributes: { ...ofPartition, 'error.type': 'Error' } },
    ]);
  });

  test('called again, outside of its handler, still finds its consumer', async () => {
    const { handle } = instrumented(tracing.runtime());
    const kept: Payload[] = [];
    await handle(payload => void kept.push(payload));
    await kept[0]?.commitOffsetsIfNecessary(one);
    expect(commits(tracing)).toEqual([commit()]);
  });
});
