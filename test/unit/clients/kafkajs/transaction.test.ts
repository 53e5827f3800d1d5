import { context, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { Kafka } from 'kafkajs';
import { instrumentProducer } from '../../../../src/clients/kafkajs/producer';
import type { Methods } from '../../../../src/support/wrap';
import { client, contextOf, producer as span, useTracing } from '../../core/tracing';
import { config, producerConfig } from './kafka';

const tracing = useTracing();

type Call = (...args: unknown[]) => Promise<unknown>;
interface Transaction {
  readonly send: Call;
  readonly sendBatch: Call;
  readonly commit: Call;
  readonly abort: Call;
}

/** Begins a transaction with the rules of kafkajs: it can end only once, and it may stay open if its end fails. */
function begin({
  commit = () => Promise.resolve(),
  abort = () => Promise.resolve(),
  failsFor = 'good',
} = {}) {
  let active = true;
  let isEnding = false;
  const ending = (end: () => Promise<unknown>) => async () => {
    if (!active || isEnding) throw new Error('already ended');
    isEnding = true;
    try {
      await end();
      active = false;
    } catch (error) {
      active = failsFor === 'good';
      isEnding = false;
      throw error;
    }
  };
  const sent: unknown[] = [];
  const send = (record: unknown) => Promise.resolve(sent.push(record)).then(() => []);
  const transaction = {
    send,
    sendBatch: send,
    commit: ending(commit),
    abort: ending(abort),
    isActive: () => active,
  };
  const producer: Methods = {
    send,
    sendBatch: send,
    transaction: () => Promise.resolve(transaction),
    disconnect: () => Promise.resolve(),
  };
  instrumentProducer(tracing.runtime(), producer, client);
  return {
    producer: producer as { disconnect: Call },
    begun: (producer['transaction'] as Call)() as Promise<Transaction>,
  };
}

const outcomes = () =>
  tracing
    .spans()
    .filter(({ name }) => name === 'transaction')
    .map(({ attributes, status }) => [attributes['kafka.transaction.outcome'], status.code]);

test.each<['commit' | 'abort', string]>([
  ['commit', 'committed'],
  ['abort', 'aborted'],
])('%s ends the transaction span as %s, and sends inside are its children', async (end, outcome) => {
  const transaction = await begin().begun;
  await transaction.send({ topic: 'orders', messages: [{ value: 'v' }] });
  await context.with(contextOf(span('c')), () =>
    transaction.sendBatch({ topicMessages: [{ topic: 'bills', messages: [{ value: 'v' }] }] }),
  );
  await transaction[end]();
  const [orders, bills, whole] = tracing.spans();
  expect([orders?.name, bills?.name, whole?.name]).toEqual(['send orders', 'send bills', 'transaction']);
  expect([orders?.parent, bills?.parent]).toEqual([whole?.spanId, whole?.spanId]);
  expect(outcomes()).toEqual([[outcome, 'UNSET']]);
});

test('a failed commit followed by an abort is one failed span with the outcome aborted', async () => {
  const error = new TypeError('commit');
  const transaction = await begin({ commit: () => Promise.reject(error) }).begun;
  await expect(transaction.commit()).rejects.toBe(error);
  expect(tracing.spans()).toEqual([]);
  await transaction.abort();
  expect(outcomes()).toEqual([['aborted', 'ERROR']]);
});

test('a commit that fails for good ends the span with an unknown outcome', async () => {
  const transaction = await begin({ commit: () => Promise.reject(new Error('m')), failsFor: 'ever' }).begun;
  await expect(transaction.commit()).rejects.toThrow('m');
  expect(outcomes()).toEqual([['unknown', 'ERROR']]);
  await expect(transaction.abort()).rejects.toThrow('already ended');
  expect(outcomes()).toHaveLength(1);
});

test('an abort during a commit does not change the outcome', async () => {
  const transaction = await begin().begun;
  await Promise.allSettled([transaction.commit(), transaction.abort()]);
  expect(outcomes()).toEqual([['committed', 'UNSET']]);
});

test('a transaction that is open when its producer disconnects is abandoned', async () => {
  const { producer, begun } = begin();
  await begun;
  await producer.disconnect();
  expect(outcomes()).toEqual([['abandoned', 'UNSET']]);
});

test('a transaction that is being committed when its producer disconnects is not', async () => {
  const { producer, begun } = begin();
  const transaction = await begun;
  await Promise.all([transaction.commit(), producer.disconnect()]);
  expect(outcomes()).toEqual([['committed', 'UNSET']]);
});

test('a transaction has no span when tracing is suppressed', async () => {
  const { begun } = context.with(suppressTracing(context.active()), () => begin());
  await (await begun).commit();
  expect(tracing.spans()).toEqual([]);
});

test('a send of the producer outside its transaction is no child of it', async () => {
  const { producer, begun } = begin();
  await begun;
  await (producer as unknown as Transaction).send({ topic: 'orders', messages: [] });
  expect(tracing.spans().map(({ name, parent }) => [name, parent])).toEqual([['send orders', undefined]]);
  expect(trace.getSpan(context.active())).toBeUndefined();
});

test('a transaction that kafkajs refuses to begin has a failed span without outcome', async () => {
  const producer = new Kafka(config).producer(producerConfig);
  const bare = await Promise.resolve(producer.transaction()).then(() => 'nothing', String);
  instrumentProducer(tracing.runtime(), producer, client);
  await expect(producer.transaction()).rejects.toThrow(bare.replace(/^\w+: /, ''));
  expect(outcomes()).toEqual([[undefined, 'ERROR']]);
});
