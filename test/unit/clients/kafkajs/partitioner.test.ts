import { KafkaJsInstrumentation } from '../../../src';
import { watchPartitioner } from '../../../../src/clients/kafkajs/partitioner';
import { certainDelivery, sentCount } from '../../../../src/core/send';
import { useTracing } from '../../core/tracing';
import { config, freshKafkajs } from './kafka';

const tracing = useTracing();

type Partitioner = (given: { topic: string; partitionMetadata: object[]; message: object }) => unknown;

/** The options that kafkajs gets where the program gives these. */
const watched = (options: object) =>
  watchPartitioner(tracing.runtime(), [options])[0] as { createPartitioner: () => Partitioner };

/** Lets kafkajs ask a partitioner that always gives `partition`; the topic has the partitions 0 and 1. */
function place(partition: unknown, message: object): object {
  const { createPartitioner } = watched({ createPartitioner: () => () => partition });
  const partitionMetadata = [{ partitionId: 1 }, { partitionId: 0 }];
  expect(createPartitioner()({ topic: 'orders', partitionMetadata, message })).toBe(partition);
  return message;
}

const written = (...partitions: number[]) =>
  partitions.map(partition => ({ topicName: 'orders', partition, baseOffset: '7' }));

test.each<[string, unknown, object, number]>([
  ['one for a partition that exists', 1, {}, 1],
  ['one for a partition that is given as text', '1', {}, 1],
  ['none for a partition that does not exist', 2, {}, 0],
  ['none for no partition at all', undefined, {}, 0],
  ['none for a promise, which kafkajs does not wait for', Promise.resolve(1), {}, 0],
  ['one that names a partition which does not exist, and is put elsewhere', 1, { partition: 99 }, 1],
  ['none that names a partition which exists, and is put elsewhere', 9, { partition: 1 }, 0],
])('of the messages that a partitioner places, kafkajs writes %s', (_what, partition, message, expected) => {
  expect(sentCount('orders', [place(partition, message)], written(1))).toBe(expected);
});

test('what becomes of a message is known from the last time that its partitioner was asked', () => {
  const message = place(2, {});
  expect(sentCount('orders', [message], undefined)).toBe(0);
  place(0, message);
  expect(sentCount('orders', [message], undefined)).toBe(1);
});

test('a span tells the partition where no message went elsewhere', () => {
  const [there, lost, moved] = [place(1, {}), place(5, {}), place(1, { partition: 0 })];
  const delivered = (...messages: object[]) => certainDelivery('orders', messages, written(1))?.partition;
  expect([delivered(there), delivered(there, moved), delivered(there, lost)]).toEqual([1, 1, undefined]);
});

describe('the program does not notice:', () => {
  test('a partitioner and its factory are called as they were, and look the same', () => {
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
    const { createPartitioner } = watched({ createPartitioner: factory });
    const made = createPartitioner();
    made(given);
    expect(calls).toEqual([[], [given]]);
    expect([createPartitioner.name, made.name]).toEqual(['factory', 'partitioner']);
  });

  test.each<[string, unknown[]]>([
    ['no options', []],
    ['null', [null]],
    ['options without a partitioner', [{ idempotent: true }]],
    ['a partitioner that is no function', [{ createPartitioner: 'later' }]],
  ])('%s go through as they are', (_what, args) => {
    expect(watchPartitioner(tracing.runtime(), args)).toBe(args);
  });

  test.each<[string, object]>([
    ['frozen', Object.freeze({ createPartitioner: () => () => 0, idempotent: true })],
    ['inherited', Object.create({ createPartitioner: () => () => 0, idempotent: true }) as object],
  ])('options that are %s keep the others, and stay as they are', (_what, options) => {
    const { createPartitioner } = options as { createPartitioner: unknown };
    expect(watched(options)).toMatchObject({ idempotent: true });
    expect((options as { createPartitioner: unknown }).createPartitioner).toBe(createPartitioner);
  });

  test('errors of a partitioner and of its factory come out as they are', () => {
    const error = new Error('theirs');
    const fail = () => {
      throw error;
    };
    expect(() => watched({ createPartitioner: fail }).createPartitioner()).toThrow(error);
    const partitioner = watched({ createPartitioner: () => fail }).createPartitioner();
    expect(() => partitioner({ topic: 'orders', partitionMetadata: [], message: {} })).toThrow(error);
  });

  test('a partitioner that is asked by somebody else, with anything, just answers', () => {
    const partitioner = watched({ createPartitioner: () => () => 0 }).createPartitioner() as () => unknown;
    expect(partitioner()).toBe(0);
    expect(watched({ createPartitioner: () => 'none' }).createPartitioner()).toBe('none');
  });

  test('kafkajs makes the partitioner once, when the producer is made', () => {
    const kafkajs = freshKafkajs();
    const instrumentation = new KafkaJsInstrumentation();
    instrumentation.instrumentModule(kafkajs);
    const createPartitioner = jest.fn(() => () => 0);
    new kafkajs.Kafka(config).producer({ createPartitioner });
    instrumentation.disable();
    expect(createPartitioner.mock.calls).toEqual([[]]);
  });
});
