// Uses the core features of kafkajs, in steps with separate topics. Prints a JSON line with the result of each step.
// The result is 'absent' if this kafkajs version lacks the feature.

/** Names of the topics, by role. */
const topics = JSON.parse(process.env.TOPICS ?? '{}');

function printResult(name, value) {
  console.log(JSON.stringify({ [name]: value }));
}

/** Resolves when the test writes to stdin. */
function nextInput() {
  return new Promise(resolve => {
    process.stdin.once('data', () => {
      process.stdin.destroy();
      resolve();
    });
  });
}

async function withConnection(client, work) {
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.disconnect();
  }
}

const withProducer = (kafka, work, options) => withConnection(kafka.producer(options), work);
const withAdmin = (kafka, work) => withConnection(kafka.admin(), work);

/** Consumes `count` records of a topic from its beginning. The group has the same name as the topic. */
function consume(kafka, topic, count, runConfig) {
  return withConnection(kafka.consumer({ groupId: topic, maxWaitTimeInMs: 500 }), async consumer => {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise((resolve, reject) => {
      let handled = 0;
      const { END_BATCH_PROCESS, CRASH } = consumer.events;
      // These events exist since kafkajs 1.4.5.
      if (CRASH) consumer.on(CRASH, ({ payload }) => reject(payload.error));
      consumer.on(END_BATCH_PROCESS, ({ payload }) => {
        handled += payload.batchSize;
        if (handled >= count) resolve();
      });
      consumer.run(runConfig).catch(reject);
    });
  });
}

const text = buffer => (buffer === null ? null : String(buffer));

/**
 * Returns role of the topic, partition and offset of the first record. kafkajs 1.x has the offset in the field
 * `offset`.
 */
const positionOf = ([{ topicName, partition, baseOffset, offset }]) =>
  `${Object.keys(topics).find(role => topics[role] === topicName)}/${partition}@${baseOffset ?? offset}`;

/** kafkajs before 1.5 cannot send a message without a key. */
const unkeyed = value => ({ key: null, value });

const transactional = { transactionalId: topics.paid, maxInFlightRequests: 1, idempotent: true };

const steps = {
  /**
   * Sends a record with a key and a header. The handler of the record calls the admin client and sends another record.
   */
  async one(kafka) {
    const headers = { 'x-request': '7' };
    const messages = [{ key: 'k', value: 'first', headers }];
    const sent = await withProducer(kafka, producer => producer.send({ topic: topics.one, messages }));
    let seen;
    const handler = (producer, admin) => async payload => {
      const { topic, message } = payload;
      const { key, value, offset } = message;
      seen = [text(key), text(value), text(message.headers['x-request']), Number(offset)];
      await admin.fetchOffsets({ groupId: topic, topic });
      await producer.send({ topic: topics.forwarded, messages: [unkeyed(value)] });
    };
    await withProducer(kafka, producer =>
      withAdmin(kafka, admin => consume(kafka, topics.one, 1, { eachMessage: handler(producer, admin) })),
    );
    return { sent: positionOf(sent), seen };
  },

  /**
   * Sends three records in one call and consumes them with eachMessage. The handler waits in the first record until the
   * test has received the lag.
   */
  async many(kafka) {
    const messages = ['a', 'b', 'c'].map(unkeyed);
    const sent = await withProducer(kafka, producer => producer.send({ topic: topics.many, messages }));
    const seen = [];
    await consume(kafka, topics.many, 3, {
      eachMessage: async ({ message }) => {
        if (seen.length === 0) {
          const released = nextInput();
          console.log('waiting in the first of three');
          await released;
        }
        seen.push(text(message.value));
      },
    });
    return { sent: positionOf(sent), seen };
  },

  /** Sends two records in two calls and consumes them in one batch. */
  async batch(kafka) {
    await withProducer(kafka, async producer => {
      for (const value of ['a', 'b'])
        await producer.send({ topic: topics.batch, messages: [unkeyed(value)] });
    });
    const seen = [];
    await consume(kafka, topics.batch, 2, {
      eachBatch: async ({ batch }) => {
        seen.push(batch.messages.map(({ value }) => text(value)));
      },
    });
    return { seen };
  },

  /** Sends to two topics in one call. */
  async several(kafka) {
    const topicMessages = [topics.left, topics.right].map(topic => ({ topic, messages: [unkeyed('v')] }));
    const sent = await withProducer(kafka, producer => producer.sendBatch({ topicMessages }));
    return { sent: sent.map(result => positionOf([result])).sort() };
  },

  /** Commits a transaction with offsets, and aborts another transaction. */
  async transaction(kafka) {
    const transact = async producer => {
      if (typeof producer.transaction !== 'function') return false;
      const paid = await producer.transaction();
      await paid.send({ topic: topics.paid, messages: [unkeyed('paid')] });
      await paid.sendOffsets({
        consumerGroupId: topics.one,
        topics: [{ topic: topics.one, partitions: [{ partition: 0, offset: '1' }] }],
      });
      await paid.commit();
      const unpaid = await producer.transaction();
      await unpaid.send({ topic: topics.unpaid, messages: [unkeyed('unpaid')] });
      await unpaid.abort();
      return true;
    };
    if (!(await withProducer(kafka, transact, transactional))) return 'absent';
    const seen = [];
    await consume(kafka, topics.paid, 1, {
      eachMessage: async ({ message }) => void seen.push(text(message.value)),
    });
    return { seen };
  },

  /** Creates and deletes a topic, with a read operation in between. */
  async admin(kafka) {
    return withAdmin(kafka, async admin => {
      // Do not wait for leaders. Old releases fail if a busy broker does not know the topic yet.
      const made = await admin.createTopics({
        topics: [{ topic: topics.made, numPartitions: 1 }],
        waitForLeaders: false,
      });
      await admin.fetchOffsets({ groupId: topics.one, topic: topics.one });
      await admin.deleteTopics({ topics: [topics.made] });
      return { made };
    });
  },
};

/** Runs all steps, even if one of them fails. */
exports.run = async ({ Kafka, logLevel }) => {
  const kafka = new Kafka({
    clientId: 'compat',
    brokers: process.env.KAFKA_BROKERS.split(','),
    logLevel: logLevel.NOTHING,
  });
  for (const [name, step] of Object.entries(steps)) {
    try {
      printResult(name, await step(kafka));
    } catch (error) {
      const { type } = error.originalError ?? error.cause ?? error;
      printResult(name, { failed: `${error.name}: ${error.message}`, type });
    }
  }
  console.log('done');
};
