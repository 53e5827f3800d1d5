import { startProgram } from '../../support/program';
import { createTopics, testKafka } from '../../support/topics';
import { run, type Run } from './run';
import { forEachClient } from './client';

const TRACE_HEADERS = ['traceparent', 'baggage'];

forEachClient(client => {
  const isKafkajs = client.name === 'kafkajs';
  interface Arrived {
    readonly key: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly traceId?: string;
    readonly baggage: unknown;
  }

  /** Sends an order through the shop, and an order from a program without tracing. Waits for the last consumer. */
  async function journey(env: Readonly<Record<string, string>>, bare = false) {
    const topics = await createTopics({ orders: 1, invoices: 1 });
    const shop = await run('shop.cjs', { client, topics, env, bare });
    const producer = testKafka().producer();
    await producer.connect();
    await producer.send({ topic: topics.orders, messages: [{ key: 'order-2', value: 'bare' }] });
    await producer.disconnect();
    const billing = await run('billing.cjs', {
      client,
      topics,
      bare,
      env: { ...env, OTEL_TRACES_SAMPLER: '' },
    });
    const archive = await run('archive.cjs', {
      client,
      topics,
      bare,
      env: { ...env, OTEL_TRACES_SAMPLER: '', COUNT: '2' },
    });
    const arrived = (archive.reported['received'] as readonly Arrived[]).map(each => ({
      ...each,
      topic: undefined,
      partition: undefined,
    }));
    return { topics, shop, billing, archive, order: arrived.find(({ key }) => key === 'order-1'), arrived };
  }

  describe('a trace that is not sampled', () => {
    let traced: Awaited<ReturnType<typeof journey>>;
    beforeAll(async () => {
      traced = await journey({ OTEL_TRACES_SAMPLER: 'always_off' });
    }, 120_000);

    test('has no spans in any process, while other messages have spans', () => {
      expect(traced.shop.spans).toEqual([]);
      const { orders, invoices } = traced.topics;
      const names = [...traced.billing.spans, ...traced.archive.spans].map(({ name }) => name);
      expect(names.sort()).toEqual(
        ['startup', 'charge order-2', `process ${orders}`, `send ${invoices}`, `process ${invoices}`].sort(),
      );
      const recorded = [...traced.billing.spans, ...traced.archive.spans].map(
        ({ attributes }) => attributes['messaging.kafka.message.key'],
      );
      expect(new Set(recorded)).toEqual(new Set([undefined, 'order-2']));
    });

    test('is propagated over two topics: trace id, flags and baggage', () => {
      expect(traced.order?.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(traced.order?.headers['traceparent']).toMatch(
        new RegExp(`^00-${traced.order?.traceId ?? ''}-[0-9a-f]{16}-00$`),
      );
      expect(traced.order?.baggage).toEqual([['tenant', { value: 'acme' }]]);
      expect(traced.billing.reported['seen']).toMatchObject({
        'order-1': {
          headers: isKafkajs ? ['content-type', ...TRACE_HEADERS] : [...TRACE_HEADERS, 'content-type'],
          baggage: [['tenant', { value: 'acme' }]],
        },
      });
    });
  });

  describe('without an SDK', () => {
    const NO_SDK = { OTEL_SDK_DISABLED: 'true' };

    test('the instrumentation is loaded and exports nothing', async () => {
      const library =
        client.name === 'kafkajs'
          ? 'require("kafkajs")'
          : 'require("@confluentinc/kafka-javascript").KafkaJS';
      const program = startProgram({
        ...(client.node === undefined ? {} : { node: client.node }),
        execArgv: ['--require', './fixtures/tracing.cjs'],
        args: ['-p', `"wraps a " + typeof ${library}.Kafka.prototype.producer.__original`],
        env: { ...NO_SDK, ...(await client.env()) },
      });
      await program.line('wraps a function');
    });

    test('messages and handlers are the same as without instrumentation', async () => {
      const { arrived, shop, billing, archive } = await journey(NO_SDK);
      const bare = await journey({}, true);
      expect(arrived).toEqual(bare.arrived);
      expect(arrived.map(({ headers }) => headers)).toEqual([{}, {}]);
      expect(billing.reported).toEqual(bare.billing.reported);
      for (const program of [shop, billing, archive]) expect(program.spans).toEqual([]);
    });

    /** Runs a program twice: with the instrumentation but without an SDK, and without both. */
    async function both(file: string, partitions: Readonly<Record<string, number>>): Promise<[Run, Run]> {
      const [dormant, bare] = [await createTopics(partitions), await createTopics(partitions)];
      return [
        await run(file, { client, topics: dormant, env: NO_SDK }),
        await run(file, { client, topics: bare, bare: true }),
      ];
    }

    test.each([
      ['sends.cjs', { single: 3, first: 1, second: 1, third: 1, odd: 1, unacknowledged: 1 }],
      ['records.cjs', { records: 1, others: 1 }],
      ['configs.cjs', { configs: 1 }],
      ['batch.cjs', { many: 1, one: 1 }],
      ['transactions.cjs', { ledger: 1, audit: 1 }],
      [
        'failing.cjs',
        { error: 1, nothing: 1, string: 1, frozen: 1, selfCaused: 1, typeError: 1, once: 1, batch: 1 },
      ],
    ])('a program has the same results: %s', async (file, partitions: Readonly<Record<string, number>>) => {
      const [dormant, bare] = await both(file, partitions);
      expect(Object.keys(bare.reported).length).toBeGreaterThan(0);
      expect(dormant.reported).toEqual(bare.reported);
      expect(dormant.spans).toEqual([]);
    });
  });
});
