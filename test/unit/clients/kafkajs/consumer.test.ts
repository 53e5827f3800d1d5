import { setImmediate } from 'node:timers/promises';
import { context, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { instrumentConsumer } from '../../../../src/clients/kafkajs/consumer';
import type { Method, Methods } from '../../../../src/support/wrap';
import type { Runtime } from '../../../../src/runtime';
import { withMessageSpan } from '../../../../src/core/message-span';
import { kept } from '../../untrusted-data/things';
import { client, producer, traceparent, useTracing } from '../../core/tracing';

const tracing = useTracing();

const message = {
  offset: '7',
  key: null,
  value: Buffer.from('v'),
  headers: { traceparent: traceparent(producer('a')) },
};
const PAYLOAD = { topic: 'orders', partition: 2, message };
const BATCH = { batch: { topic: 'orders', partition: 2, messages: [message] } };

type Handler = (payload: unknown) => unknown;
interface RunConfig {
  readonly autoCommit?: boolean;
  readonly partitionsConsumedConcurrently?: number;
  readonly later?: unknown;
  readonly eachMessage?: Handler;
  readonly eachBatch?: Handler;
}

/** Returns the config that kafkajs's `run` gets if the program passes this config. */
function run(config: unknown, runtime: Runtime = tracing.runtime()): RunConfig {
  const configs: RunConfig[] = [];
  const owner: Methods = { run: (given: RunConfig) => void configs.push(given) };
  instrumentConsumer(runtime, owner, client);
  (owner['run'] as (given: unknown) => void)(config);
  const [config0 = {}] = configs;
  return config0;
}

describe('the config', () => {
  const eachMessage = () => undefined;
  const eachBatch = () => undefined;

  class Config {
    readonly #concurrency = 3;
    autoCommit = false;
    get partitionsConsumedConcurrently() {
      return this.#concurrency;
    }
    get eachMessage() {
      return eachMessage;
    }
  }
  const plain = { autoCommit: false, partitionsConsumedConcurrently: 3, eachMessage };

  test.each<[string, object]>([
    ['an object literal', plain],
    ['a frozen object', Object.freeze({ ...plain })],
    ['a class instance with getters and private fields', new Config()],
    ['a frozen class instance', Object.freeze(new Config())],
    ['an object that inherits all properties', Object.create(plain) as object],
    ['a Proxy', new Proxy(plain, {})],
    [
      'a Proxy that computes its properties',
      new Proxy({}, { get: (_target, name) => plain[name as keyof typeof plain] }),
    ],
  ])('may be %s', (_what, config) => {
    const { autoCommit, partitionsConsumedConcurrently, ...rest } = run(config);
    expect({ autoCommit, partitionsConsumedConcurrently }).toEqual({
      autoCommit: false,
      partitionsConsumedConcurrently: 3,
    });
    expect(rest.eachMessage).not.toBe(eachMessage);
    expect(rest.eachBatch).toBeUndefined();
    expect((config as RunConfig).eachMessage).toBe(eachMessage);
  });

  test('keeps unknown options, and both handlers are wrapped', () => {
    const config = run({ eachMessage, eachBatch, later: 7 });
    expect(config.later).toBe(7);
    expect([config.eachMessage === eachMessage, config.eachBatch === eachBatch]).toEqual([false, false]);
  });

  test.each([[undefined], [null], ['text'], [{ autoCommit: true }], [{ eachMessage: 'later' }]])(
    'is passed unchanged if it is %j',
    config => {
      const seen: unknown[] = [];
      const owner: Methods = { run: (...args: unknown[]) => void seen.push(...args) };
      instrumentConsumer(tracing.runtime(), owner, client);
      (owner['run'] as (given: unknown) => void)(config);
      expect(seen[0]).toBe(config);
    },
  );
});

describe.each<[string, 'eachMessage' | 'eachBatch', unknown]>([
  ['eachMessage', 'eachMessage', PAYLOAD],
  ['eachBatch', 'eachBatch', BATCH],
])('%s', (_name, name, payload) => {
  const handlerOf = (handler: Handler, runtime?: Runtime) => run({ [name]: handler }, runtime)[name];

  test('gets the same payload, and the context of its span until it has settled', async () => {
    const seen: unknown[] = [];
    const handler = handlerOf(async given => {
      seen.push(given);
      await Promise.resolve();
      seen.push(trace.getSpanContext(context.active())?.spanId);
    });
    await handler?.(payload);
    expect(seen[0]).toBe(payload);
    expect(tracing.spans()).toEqual([
      expect.objectContaining({ name: 'process orders', parent: producer('a').spanId, spanId: seen[1] }),
    ]);
  });

  test.each<[string, unknown]>([
    ['a frozen error', Object.freeze(new TypeError('m'))],
    ['a string', 'text'],
    ['undefined', undefined],
  ])('rejects with the same value: %s', async (_what, reason) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what handlers do
    const result = handlerOf(() => Promise.reject(reason))?.(payload) as Promise<unknown>;
    const caught = await result.then(() => 'nothing', (error: unknown) => [error]); // prettier-ignore
    expect(caught).toHaveLength(1);
    expect(caught[0]).toBe(reason);
    expect(tracing.spans()).toEqual([
      expect.objectContaining({ status: expect.objectContaining({ code: 'ERROR' }) as unknown }),
    ]);
  });

  test('has a span per call, as a redelivery is another attempt', async () => {
    const handler = handlerOf(() => Promise.resolve());
    await handler?.(payload);
    await handler?.(payload);
    expect(tracing.spans()).toHaveLength(2);
  });

  test('has no span while the instrumentation is disabled or tracing is suppressed', () => {
    const runtime = { ...tracing.runtime(), isEnabled: true };
    const called = jest.fn(() => context.active());
    const handler = handlerOf(called, runtime);
    const suppressed = suppressTracing(context.active());
    expect(context.with(suppressed, () => handler?.(payload))).toBe(suppressed);
    runtime.isEnabled = false;
    expect(handler?.(payload)).toBe(context.active());
    expect(called).toHaveBeenCalledTimes(2);
    expect(tracing.spans()).toEqual([]);
    runtime.isEnabled = true;
    handler?.(payload);
    expect(tracing.spans()).toHaveLength(1);
  });

  test.each([[undefined], [null], [{}], [{ message: null, batch: null }]])(
    'is called without a span if a test of the program passes %j',
    odd => {
      const called = jest.fn<string, [unknown]>(() => 'value');
      expect(handlerOf(called)?.(odd)).toBe('value');
      expect(called.mock.calls).toEqual([[odd]]);
      expect([tracing.spans(), tracing.logged]).toEqual([[], []]);
    },
  );
});

test('the payload of eachBatch has the same properties, and functions with the same names and lengths', () => {
  const payload = {
    ...BATCH,
    resolveOffset: (offset: unknown) => offset,
    heartbeat: () => Promise.resolve(),
    commitOffsetsIfNecessary: (offsets: unknown) => Promise.resolve(offsets),
  };
  const signatures = (object: object) =>
    Object.entries(object).map(([name, value]: [string, Method]) => [name, value.name, value.length]);
  const passed: (typeof payload)[] = [];
  const { eachBatch } = run({ eachBatch: (given: typeof payload) => void passed.push(given) });
  eachBatch?.(payload);
  expect(passed[0]?.batch).toBe(payload.batch);
  expect(passed[0]?.resolveOffset).not.toBe(payload.resolveOffset);
  expect(passed.map(signatures)).toEqual([signatures(payload)]);
});

test('withMessageSpan works with a copied payload', async () => {
  const config = run({
    eachBatch: (given: unknown) => {
      const { batch } = { ...(given as typeof BATCH) };
      return Promise.all(batch.messages.map(each => withMessageSpan(batch, each, () => Promise.resolve())));
    },
  });
  await config.eachBatch?.(BATCH);
  expect(tracing.spans().map(({ parent, links }) => [parent, links.length])).toEqual([
    [producer('a').spanId, 2],
    [producer('a').spanId, 1],
  ]);
});

test('a handler that keeps a promise and its context for every batch does not keep the batches in memory', async () => {
  const promises: unknown[] = [];
  const config = run({
    eachBatch: () => {
      const promise = Promise.resolve(context.active());
      promises.push(promise);
      return promise;
    },
  });
  const batch = () => ({
    ...BATCH.batch,
    messages: ['a', 'b'].map(letter => ({
      ...message,
      value: Buffer.alloc(500_000, letter),
      headers: { traceparent: traceparent(producer(letter)) },
    })),
  });
  const before = kept();
  for (let count = 0; count < 100; count++) {
    await config.eachBatch?.({ batch: batch() });
    await setImmediate();
  }
  // Each of the hundred batches had a megabyte, so none of them was kept.
  expect(kept() - before).toBeLessThan(20);
  expect(promises).toHaveLength(100);
});
