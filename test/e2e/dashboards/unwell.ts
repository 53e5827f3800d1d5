/** Failing consumers. Each has its own topic and a group with the same name. */
import type { Prometheus } from '../../support/prometheus/server';
import { startConsumers, type Consumers, type Step } from '../lag/consumers';
import { messages, produce } from '../lag/produce';

export const FAULTS = ['hung', 'dead', 'crashing', 'restless', 'gone'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Unwell {
  /** Starts the failures. Rebalances go on until `leave` is called. */
  fail(prometheus: Prometheus): Promise<void>;
  leave(): void;
}

/** Starts two programs. One of them is killed later. */
export function startUnwell(
  topics: Readonly<Record<Fault, string>>,
  telemetry: (service: string) => Record<string, string>,
): Unwell {
  const consumers = startConsumers('./fixtures/tracing.cjs', telemetry('unwell'));
  const killed = startConsumers('./fixtures/tracing.cjs', telemetry('killed'));
  let isOver = false;

  const start = (
    of: Consumers,
    fault: Fault,
    plan: readonly Step[] = [],
    as: string = fault,
  ): Promise<void> =>
    of.start(as, {
      group: topics[fault],
      topics: [topics[fault]],
      plan,
      // A heartbeat tells the members about a rebalance, so short intervals make rebalances fast.
      ...(fault === 'restless' ? { options: { heartbeatInterval: 100, maxWaitTimeInMs: 100 } } : {}),
    });

  async function vanish(prometheus: Prometheus): Promise<void> {
    await start(killed, 'gone');
    const assigned = `kafka_consumer_assigned_partitions{messaging_consumer_group_name="${topics.gone}"}`;
    await prometheus.until(
      () => prometheus.query(assigned),
      ([sample]) => sample?.value === 1,
    );
    // Never resolves, because the program is killed.
    killed.command('exit').catch(() => undefined);
  }

  async function comeAndGo(): Promise<void> {
    await start(consumers, 'restless');
    await start(consumers, 'restless', [], 'patient');
    for (let visit = 1; !isOver; visit++) {
      const as = `visitor ${visit}`;
      await start(consumers, 'restless', [], as);
      await consumers.event(as, 'GROUP_JOIN');
      await consumers.command('disconnect', { as });
    }
  }

  return {
    async fail(prometheus) {
      await Promise.all(FAULTS.map(fault => produce(topics[fault], messages(5))));
      const repeated = Array.from({ length: 90 }, () => ({ at: 2, do: 'error' }) as const);
      await Promise.all([
        vanish(prometheus),
        start(consumers, 'hung', [{ at: 2, do: 'hang' }]),
        // After a TypeError, kafkajs does not restart the consumer. After other errors, it retries and then restarts
        // the consumer.
        start(consumers, 'dead', [{ at: 2, do: 'typeError' }]),
        start(consumers, 'crashing', repeated),
      ]);
      await comeAndGo();
    },
    leave() {
      isOver = true;
    },
  };
}
