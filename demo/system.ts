import { randomBytes } from 'node:crypto';
import { startKafka } from '../test/support/kafka';
import type { Cleanup } from './cleanup';
import { startDatabase } from './database';
import { startServices } from './services';
import { createTopics, deleteTopics, namesWith, type Names } from './topics';
import type { Viewer } from './viewer';

/** All running parts of the demo. */
export interface System {
  readonly ordersUrl: string;
  readonly speedUrl: string;
  readonly viewer: Viewer;
  readonly names: Names;
  /** Rejects if a service exits unexpectedly. */
  readonly failure: Promise<never>;
}

/** Starts Kafka and PostgreSQL at the same time, then the services. Takes about 7 s if Kafka is already downloaded. */
export async function startSystem(
  viewer: Viewer,
  progress: (line: string) => void,
  cleanup: Cleanup,
): Promise<System> {
  progress('Starting PostgreSQL (embedded) …');
  const [{ brokers, names }, database] = await Promise.all([
    startKafkaWithTopics(progress, cleanup),
    startDatabase().then(started => {
      cleanup.add(() => started.stop());
      return started;
    }),
  ]);
  progress('Starting order-api, payment-worker and receipt-mailer with --require dist/register.js …');
  const services = await startServices({ brokers, names, database: database.env, viewer }, cleanup);
  return { ...services, viewer, names };
}

async function startKafkaWithTopics(
  progress: (line: string) => void,
  cleanup: Cleanup,
): Promise<{ readonly brokers: readonly string[]; readonly names: Names }> {
  const kafka = await startKafka({ progress });
  cleanup.add(() => kafka.stop());
  const { brokers, source } = kafka;
  const isOwnKafka = source !== 'environment';
  const names = namesWith(isOwnKafka ? '' : `-demo-${randomBytes(3).toString('hex')}`);
  const created = createTopics(brokers, names);
  if (!isOwnKafka) {
    cleanup.add(async () => {
      // If the user interrupts the start, wait until the topics exist, so that they can be deleted.
      const exist = await created.then(
        () => true,
        () => false,
      );
      if (exist) await deleteTopics(brokers, names);
    });
  }
  await created;
  return { brokers, names };
}
