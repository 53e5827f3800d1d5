import { EventEmitter } from 'node:events';
import { instrumentConsumer } from '../../../../src/clients/confluent/consumer';
import type { Methods } from '../../../../src/support/wrap';
import { useMeasuring } from '../../metrics/measuring';
import { client, useTracing } from '../../core/tracing';

const tracing = useTracing();
const measuring = useMeasuring();

/** The methods of the internal client that report assigned partitions. */
class InternalClient extends EventEmitter {
  readonly isConnected = () => true;
  readonly assignments = () => [{ topic: 'orders', partition: 0 }];
  readonly incrementalAssign = () => undefined;
}

/** The parts of the library's consumer that are instrumented. */
class Consumer {
  #internal: InternalClient | undefined;

  _getInternalClient() {
    return this.#internal;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- rejects, as the library does
  async connect() {
    if (this.#internal) throw new Error('Connect has already been called elsewhere.');
    this.#internal = new InternalClient();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- rejects, as the library does
  async commitOffsets(list: readonly { readonly offset: string }[]) {
    for (const { offset } of list) if (Number(offset) < 0) throw new Error('Local: Invalid argument');
  }
}

function instrumented() {
  const { runtime, read } = measuring.with(tracing.runtime());
  const consumer = new Consumer();
  instrumentConsumer(runtime, consumer as unknown as Methods, client);
  return { consumer, values: async (name: string) => (await read(name)).map(({ value }) => value) };
}

test('a second connect, which the library refuses, does not make one assignment count as two', async () => {
  const { consumer, values } = instrumented();
  await consumer.connect();
  await expect(consumer.connect()).rejects.toThrow('already been called');
  consumer._getInternalClient()?.incrementalAssign();
  expect(await values('kafka.consumer.rebalances')).toEqual([]);
  consumer._getInternalClient()?.incrementalAssign();
  expect(await values('kafka.consumer.rebalances')).toEqual([1]);
});

test('a list of offsets that throws when it is read makes commitOffsets reject, as without instrumentation', async () => {
  const { consumer } = instrumented();
  const list = Object.defineProperty([], 0, {
    get() {
      throw new Error('own');
    },
  }) as { offset: string }[];
  let committed: Promise<void> | undefined;
  expect(() => {
    committed = consumer.commitOffsets(list);
  }).not.toThrow();
  await expect(committed).rejects.toThrow('own');
});

test('the span of a commit names the partitions of the call, even if the program empties its list meanwhile', async () => {
  const { consumer } = instrumented();
  const list = [{ topic: 'orders', partition: 3, offset: '7' }];
  const committed = consumer.commitOffsets(list);
  list.length = 0;
  await committed;
  expect(
    tracing.spans().map(({ name, attributes }) => [name, attributes['messaging.destination.partition.id']]),
  ).toEqual([['commit orders', '3']]);
});
