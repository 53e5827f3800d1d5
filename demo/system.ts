import { randomBytes } from 'node:crypto';
import { startKafka } from '../test/support/kafka';
import type { Closing } from './closing';
import { startDatabase } from './database';
import { startServices } from './services';
import { createTopics, deleteTopics, namesWith, type Names } from './topics';
import type { Viewer } from './viewer';

/** Everything that the demo consists of, up and running. */
export interface System {
  readonly ordersUrl: string;
  readonly speedUrl: string;
  readonly viewer: Viewer;
  readonly names: Names;
  /** Rejects when a part of it ends by itself. */
  readonly failure: Promise<never>;
}

/** Starts Kafka and PostgreSQL side by side, then the services. About 7 s once Kafka is downloaded. */
export async function startSystem(
  viewer: Viewer,
  progress: (line: string) => void,
  closing: Closing,
): Promise<System> {
  progress('Starting PostgreSQL (embedded) …');
  const [{ brokers, names }, database] = await Promise.all([
    kafkaWithTopics(progress, closing),
    startDatabase().then(started => {
      closing.add(() => started.stop());
      return started;
    }),
  ]);
  progress('Starting order-api, payment-worker and receipt-mailer with --require dist/register.js …');
  const services = await startServices({ brokers, names, database: database.env, viewer }, closing);
  return { ...services, viewer, names };
}

async function kafkaWithTopics(
  progress: (line: string) => void,
  closing: Closing,
): Promise<{ readonly brokers: readonly string[]; readonly names: Names }> {
  const kafka = await startKafka({ progress });
  closing.add(() => kafka.stop());
  const { brokers, source } = kafka;
  const ours = source !== 'environment';
  const names = namesWith(ours ? '' : `-demo-${randomBytes(3).toString('hex')}`);
  const created = createTopics(brokers, names);
  if (!ours) {
    closing.add(async () => {
      // Interrupted in the middle, the broker may still be at it.
      const there = await created.then(
        () => true,
        () => false,
      );
      if (there) await deleteTopics(brokers, names);
    });
  }
  await created;
  return { brokers, names };
}
