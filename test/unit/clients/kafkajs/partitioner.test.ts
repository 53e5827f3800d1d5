import { KafkaInstrumentation } from '../../../../src';
import { observePartitioner } from '../../../../src/clients/kafkajs/partitioner';
import { instrumentProducer } from '../../../../src/clients/kafkajs/producer';
import type { Methods } from '../../../../src/support/wrap';
import { client, useTracing } from '../../core/tracing';
import { useMeasuring } from '../../metrics/measuring';
import { config, freshKafkajs } from './kafka';

const tracing = useTracing();
const measuring = useMeasuring();

type Partitioner = (given: { topic: string; partitionMetadata: object[]; message: object }) => unknown;

/** Returns the options that kafkajs gets if the program passes these options. */
const observed = (options: object) =>
  observePartitioner(tracing.runtime(), [options])[0] as { createPartitioner: () => Partitioner };

interface Placed {
  /** What the partitioner returns for the message at each call. */
  readonly choices: readonly unknown[];
  readonly message?: object;
}

/** Sends messages to a topic with the partitions 0 and 1. The broker has written partition 1. */
async function send(acks: number, ...placed: readonly Placed[]) {
  const { runtime, read } = measuring.with(tracing.runtime());
  const choices = placed.flatMap(each => each.choices);
  const partitioner = observed({ createPartitioner: () => () => choices.shift() }).createPartitioner();
  const partitionMetadata = [{ partitionId: 1 }, { partitionId: 0 }];
  const producer: Methods = {
    send: ({ topic, messages }: { topic: string; messages: object[] }) => {
      for (const [index, message] of messages.entries())
        for (const choice of placed[index]?.choices ?? [])
          expect(partitioner({ topic, partitionMetadata, message })).toBe(choice);
      return Promise.resolve(acks === 0 ? [] : [{ topicName: topic, partition: 1, baseOffset: '7' }]);
    },
  };
  instrumentProducer(runtime, producer, client);
  const messages = placed.map(({ message }) => ({ value: 'v', ...message }));
  await (producer['send'] as (request: object) => Promise<unknown>)({ topic: 'orders', acks, messages });
  const [point] = await read('messaging.client.sent.messages');
  return {
    count: point?.value ?? 0,
    partition: tracing.spans().at(-1)?.attributes['messaging.kafka.partition'],
  };
}

test.each<[string, Placed, number]>([
  ['1 if the partitioner returns an existing partition', { choices: [1] }, 1],
  ['1 if it returns the partition as a string', { choices: ['1'] }, 1],
  ['0 if it returns a partition that does not exist', { choices: [2] }, 0],
  ['0 if it returns undefined', { choices: [undefined] }, 0],
  ['0 if it returns a promise, which kafkajs does not await', { choices: [Promise.resolve(1)] }, 0],
  [
    '1 if it replaces a partition of the message that does not exist',
    { choices: [1], message: { partition: 99 } },
    1,
  ],
  [
    '0 if it replaces an existing partition of the message by one that does not exist',
    { choices: [9], message: { partition: 1 } },
    0,
  ],
])('the count of sent messages is %s', async (_what, placed, expected) => {
  expect((await send(1, placed)).count).toBe(expected);
});

test('after a retry of kafkajs, the last choice of the partitioner counts', async () => {
  expect((await send(0, { choices: [0, 2] })).count).toBe(0);
  expect((await send(0, { choices: [2, 0] })).count).toBe(1);
});

test('a span has the partition if no message was placed elsewhere', async () => {
  const [there, lost, moved] = [
    { choices: [1] },
    { choices: [5] },
    { choices: [1], message: { partition: 0 } },
  ];
  const partitions: unknown[] = [];
  for (const placed of [[there], [there, moved], [there, lost]])
    partitions.push((await send(1, ...placed)).partition);
  expect(partitions).toEqual([1, 1, undefined]);
});

describe('an observed partitioner', () => {
  test('and its factory are called with the same arguments and keep their names', () => {
    const calls: unknown[] = [];
    const given = { topic: 'orders', partitionMetadata: [], message: {} };
    function partitioner(this: unknown, ...args: unknown[]) {
      calls.push(args);
      return 0;
    }
    function factory(this: unknown, ...args: unknown[]) {
      calls.push(args);
      return partitioner;
    }
    const { createPartitioner } = observed({ createPartitioner: factory });
    const made = createPartitioner();
    made(given);
    expect(calls).toEqual([[], [given]]);
    expect([createPartitioner.name, made.name]).toEqual(['factory', 'partitioner']);
  });

  test.each<[string, unknown[]]>([
    ['no options', []],
    ['null', [null]],
    ['options without a partitioner', [{ idempotent: true }]],
    ['a partitioner that is not a function', [{ createPartitioner: 'later' }]],
  ])('is not created for %s, which pass unchanged', (_what, args) => {
    expect(observePartitioner(tracing.runtime(), args)).toBe(args);
  });

  test.each<[string, object]>([
    ['frozen', Object.freeze({ createPartitioner: () => () => 0, idempotent: true })],
    ['inherited', Object.create({ createPartitioner: () => () => 0, idempotent: true }) as object],
  ])('leaves %s options unchanged and keeps their other properties', (_what, options) => {
    const { createPartitioner } = options as { createPartitioner: unknown };
    expect(observed(options)).toMatchObject({ idempotent: true });
    expect((options as { createPartitioner: unknown }).createPartitioner).toBe(createPartitioner);
  });

  test('and its factory throw their own errors', () => {
    const error = new Error('from the partitioner');
    const fail = () => {
      throw error;
    };
    expect(() => observed({ createPartitioner: fail }).createPartitioner()).toThrow(error);
    const partitioner = observed({ createPartitioner: () => fail }).createPartitioner();
    expect(() => partitioner({ topic: 'orders', partitionMetadata: [], message: {} })).toThrow(error);
  });

  test('may be called with other arguments', () => {
    const partitioner = observed({ createPartitioner: () => () => 0 }).createPartitioner() as () => unknown;
    expect(partitioner()).toBe(0);
    expect(observed({ createPartitioner: () => 'none' }).createPartitioner()).toBe('none');
  });

  test('is created once, with the producer', () => {
    const kafkajs = freshKafkajs();
    const instrumentation = new KafkaInstrumentation();
    instrumentation.instrumentModule(kafkajs);
    const createPartitioner = jest.fn(() => () => 0);
    new kafkajs.Kafka(config).producer({ createPartitioner });
    instrumentation.disable();
    expect(createPartitioner.mock.calls).toEqual([[]]);
  });
});
