import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { ReceivedSpan } from '../../support/otlp';
import { createTopics } from '../../support/topics';
import { expectTracesOfReadme } from './support/readme';
import { STEP_MS, withExample } from './support/stage';

const EXAMPLE = 'dead-letter-and-retry';
const DELAYS_MS = { first: 300, second: 600 };

/**
 * Starts a bank. It rejects the first charges of a card, as many as the card's name says, and always rejects the card
 * `stolen`.
 */
async function startBank() {
  const charges = new Map<string, number>();
  const server = createServer((request, response) => {
    void json(request).then(payment => {
      const { card } = payment as { card: string };
      const charge = (charges.get(card) ?? 0) + 1;
      charges.set(card, charge);
      const failures = Number(/\d+/.exec(card)?.[0] ?? 0);
      response.writeHead(card === 'stolen' ? 402 : charge <= failures ? 503 : 201).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const topicsOf = async () => {
  const topics = await createTopics({
    payments: 1,
    'payments-retry-1': 1,
    'payments-retry-2': 1,
    'payments-dead-letters': 1,
  });
  // Longer names must come first, because some names are prefixes of others.
  const { payments, ...later } = topics;
  return { ...later, payments };
};

test('a payment with its retries is one trace up to success or dead letter, and failed attempts have failed spans', async () => {
  const topics = await topicsOf();
  const bank = await startBank();
  const env = {
    PAYMENTS_TOPIC: topics.payments,
    RETRIES: `${topics['payments-retry-1']}=${DELAYS_MS.first},${topics['payments-retry-2']}=${DELAYS_MS.second}`,
    DEAD_LETTERS_TOPIC: topics['payments-dead-letters'],
    GROUP_ID: topics.payments,
    BANK_URL: bank.url,
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'undici,kafkajs',
  };
  try {
    await withExample(EXAMPLE, env, async example => {
      const { spans } = example.collector;
      const named = (name: string, trace: string | undefined): ReceivedSpan[] =>
        spans.filter(span => span.name === name && span.traceId === trace);
      const worker = await example.ready('start', 'payment-worker', /payment-worker is ready/);

      const pay = async (card: string, last: string, count: number): Promise<string | undefined> => {
        await example.run('pay', 'pay', {}, [card, '5']);
        await example.collector.waitForSpans(
          () => spans.filter(({ name }) => name === last).length === count,
          STEP_MS,
        );
        return spans.find(({ attributes }) => attributes['messaging.kafka.message.key'] === card)?.traceId;
      };
      await pay('fails-1', `process ${topics['payments-retry-1']}`, 1);
      await pay('stolen', `send ${topics['payments-dead-letters']}`, 1);
      const dead = await pay('fails-9', `send ${topics['payments-dead-letters']}`, 2);
      await example.stop(worker);

      for (const [role, delay] of [
        ['payments-retry-1', DELAYS_MS.first],
        ['payments-retry-2', DELAYS_MS.second],
      ] as const) {
        const [sent] = named(`send ${topics[role]}`, dead);
        const [attempt] = spans.filter(
          span =>
            named(`process ${topics[role]}`, dead)[0]?.spanId === span.parentSpanId && span.name === 'POST',
        );
        expect(Number((attempt?.start ?? 0n) - (sent?.start ?? 0n)) / 1e6).toBeGreaterThanOrEqual(delay - 1);
      }
      expectTracesOfReadme(EXAMPLE, spans, topics);
    });
  } finally {
    await bank.stop();
  }
});

test('a worker stops without waiting for the delay of a payment, and the next worker handles it', async () => {
  const topics = await topicsOf();
  const bank = await startBank();
  const env = {
    PAYMENTS_TOPIC: topics.payments,
    DEAD_LETTERS_TOPIC: topics['payments-dead-letters'],
    GROUP_ID: topics.payments,
    BANK_URL: bank.url,
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'undici,kafkajs',
  };
  const retriesAfter = (ms: number) => ({ RETRIES: `${topics['payments-retry-1']}=${ms}` });
  try {
    await withExample(EXAMPLE, env, async example => {
      const line = /payment-worker is ready/;
      const hour = await example.ready('start', 'payment-worker', line, retriesAfter(3_600_000));
      await example.run('pay', 'pay', {}, ['fails-1', '5']);
      await example.collector.waitForSpan(`send ${topics['payments-retry-1']}`, STEP_MS);
      await example.stop(hour);

      const soon = await example.ready('start', 'payment-worker', line, retriesAfter(1));
      await example.collector.waitForSpan(
        span => span.name === `process ${topics['payments-retry-1']}` && span.status.code === 'UNSET',
        STEP_MS,
      );
      await example.stop(soon);
    });
  } finally {
    await bank.stop();
  }
});
