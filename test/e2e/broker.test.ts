import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { startKafka } from '../support/kafka';
import { known } from '../support/known-topics.cjs';
import { parentProcess } from '../support/kafka/parent-process';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

test('plain kafkajs can produce to a new topic and consume from it on the broker of this run', async () => {
  const topic = `broker-${randomUUID()}`;
  const kafka = new Kafka({ clientId: 'broker-test', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: topic });
  try {
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
    const topics = [{ topic, numPartitions: 1 }];
    expect(await admin.createTopics({ topics, waitForLeaders: false })).toBe(true);
    await known(admin, [topic]);
    const [sent] = await producer.send({ topic, messages: [{ key: 'k', value: 'hello' }] });
    expect(sent).toMatchObject({ topicName: topic, partition: 0, baseOffset: '0', errorCode: 0 });

    await consumer.subscribe({ topic, fromBeginning: true });
    const received = await new Promise((resolve, reject) => {
      consumer
        .run({
          eachMessage: ({ partition, message }) => {
            resolve({
              partition,
              offset: message.offset,
              key: String(message.key),
              value: String(message.value),
            });
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    expect(received).toEqual({ partition: 0, offset: '0', key: 'k', value: 'hello' });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
  }
});

describe('a Kafka started by a program', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  test.concurrent.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'stops and removes its data when %s ends the program',
    async signal => {
      const folder = mkdtempSync(join(tmpdir(), 'broker-test-'));
      folders.push(folder);
      const dataFolders = (): string[] => readdirSync(folder).filter(name => name.startsWith('kafka-'));
      const program = parentProcess(
        `require('./test/support/kafka').startKafka({ progress() {} }).then(kafka => {
         console.log('ready on ' + kafka.brokers[0] + ';');
         setInterval(() => {}, 1e6);
       });`,
        { ...process.env, KAFKA_BROKERS: '', TMPDIR: folder },
      );
      const address = (await program.output(/ready on \S+(?=;)/)).slice('ready on '.length);
      expect(dataFolders()).toHaveLength(1);
      expect(await connectionTo(address)).toBe('connected');

      process.kill(-program.pid, signal);
      expect(await program.ended).toBe(signal);
      expect(await connectionTo(address)).toBe('ECONNREFUSED');
      expect(dataFolders()).toEqual([]);
    },
  );

  test.concurrent(
    'can have a second broker, which keeps its topics after SIGKILL and a restart',
    async () => {
      const env = { ...process.env, KAFKA_BROKERS: '' };
      const server = await startKafka({ env, brokers: 2, progress: () => undefined });
      try {
        const kafka = new Kafka({ brokers: server.brokers.slice(0, 1), logLevel: logLevel.NOTHING });
        const [admin, producer] = [kafka.admin(), kafka.producer()];
        try {
          await Promise.all([admin.connect(), producer.connect()]);
          const replicaAssignment = [{ partition: 0, replicas: [2] }];
          await admin.createTopics({ topics: [{ topic: 'on-the-second', replicaAssignment }] });
          await producer.send({ topic: 'on-the-second', messages: [{ value: 'before' }] });

          await server.faults?.signal(1, 'SIGKILL');
          expect(await connectionTo(server.brokers[1] ?? '')).toBe('ECONNREFUSED');
          await server.faults?.restart(1);

          const [sent] = await producer.send({ topic: 'on-the-second', messages: [{ value: 'after' }] });
          expect(sent).toMatchObject({ partition: 0, baseOffset: '1', errorCode: 0 });
        } finally {
          await Promise.all([admin.disconnect(), producer.disconnect()]);
        }
      } finally {
        await server.stop();
      }
      expect(await connectionTo(server.brokers[0] ?? '')).toBe('ECONNREFUSED');
    },
  );
});

function connectionTo(address: string): Promise<string> {
  const { hostname, port } = new URL(`kafka://${address}`);
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.name);
    });
  });
}
