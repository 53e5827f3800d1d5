import { randomBytes } from 'node:crypto';
import { confluentEnvironment, confluentLab } from '../test/support/confluent';
import { startKafka } from '../test/support/kafka';
import type { Client } from './arguments';
import type { Cleanup } from './cleanup';
import { startDatabase } from './database';
import { startServices } from './services';
import { createTopics, deleteTopics, namesWith, type Names } from './topics';
import type { Store } from '../viewer/src/store';

export interface System {
  readonly ordersUrl: string;
  readonly speedUrl: string;
  readonly store: Store;
  readonly names: Names;
  /** Rejects if a service exits unexpectedly. */
  readonly failure: Promise<never>;
}

/**
 * Starts Kafka and PostgreSQL at the same time, and then the services. Takes about 7 s if Kafka is already downloaded.
 */
export async function startSystem(
  store: Store,
  viewerUrl: string,
  client: Client,
  progress: (line: string) => void,
  cleanup: Cleanup,
): Promise<System> {
  progress('Starting PostgreSQL (embedded) …');
  const [{ brokers, names }, clientEnvironment, database] = await Promise.all([
    startKafkaWithTopics(progress, cleanup),
    environmentOf(client, progress),
    startDatabase().then(started => {
      cleanup.add(() => started.stop());
      return started;
    }),
  ]);
  progress('Starting order-api, payment-worker and receipt-mailer with --require dist/register.js …');
  const services = await startServices(
    { brokers, names, client: clientEnvironment, database: database.env, viewer: { url: viewerUrl } },
    cleanup,
  );
  return { ...services, store, names };
}

async function environmentOf(
  client: Client,
  progress: (line: string) => void,
): Promise<Readonly<Record<string, string>>> {
  if (client === 'kafkajs') return {};
  progress("Preparing Confluent's client. The first time, this takes minutes …");
  return {
    ...confluentEnvironment(await confluentLab()),
    KAFKA_CLIENT: client,
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg,confluent-kafka-javascript',
  };
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
      // If the user interrupts the start, wait until the topics exist, because only then they can be deleted.
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
