// What a service does with kafkajs, in steps that each use topics of their own. It gets the kafkajs that the program has loaded, and
// says what it saw; whatever a release of kafkajs does not have is said to be absent.

/** Topic names by the role that each has here. */
const topics = JSON.parse(process.env.TOPICS ?? '{}');

function say(name, value) {
  console.log(JSON.stringify({ [name]: value }));
}

/** Resolves when the test says something on stdin, which is then done with. */
function nextWord() {
  return new Promise(resolve => {
    process.stdin.once('data', () => {
      process.stdin.destroy();
      resolve();
    });
  });
}

async function connected(client, work) {
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.disconnect();
  }
}

const withProducer = (kafka, work, options) => connected(kafka.producer(options), work);
const withAdmin = (kafka, work) => connected(kafka.admin(), work);

/** Consumes a topic from its beginning, in a group of the same name, until `count` records were handled. */
function consume(kafka, topic, count, runConfig) {
  return connected(kafka.consumer({ groupId: topic, maxWaitTimeInMs: 500 }), async consumer => {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise((resolve, reject) => {
      let handled = 0;
      const { END_BATCH_PROCESS, CRASH } = consumer.events;
      // Not before 1.4.5.
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

/** Where the first record went; 1.x says it in a field of another name, and `acks` of old brokers leave parts of it out. */
const placeOf = ([{ topicName, partition, baseOffset, offset }]) =>
  `${Object.keys(topics).find(role => topics[role] === topicName)}/${partition}@${baseOffset ?? offset}`;

/** Releases before 1.5 cannot encode a key that is left out. */
const unkeyed = value => ({ key: null, value });

const transactional = { transactionalId: topics.paid, maxInFlightRequests: 1, idempotent: true };

const steps = {
  /** A record with a key and a header, whose handler asks Kafka something and sends another one. */
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
    return { sent: placeOf(sent), seen };
  },

  /** Three records of one call, handled one by one. The first is held until the test has seen the lag. */
  async many(kafka) {
    const messages = ['a', 'b', 'c'].map(unkeyed);
    const sent = await withProducer(kafka, producer => producer.send({ topic: topics.many, messages }));
    const seen = [];
    await consume(kafka, topics.many, 3, {
      eachMessage: async ({ message }) => {
        if (seen.length === 0) {
          const released = nextWord();
          console.log('holds the first of three');
          await released;
        }
        seen.push(text(message.value));
      },
    });
    return { sent: placeOf(sent), seen };
  },

  /** Two records of two calls, handled as one batch. */
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

  /** One call for two topics. */
  async several(kafka) {
    const topicMessages = [topics.left, topics.right].map(topic => ({ topic, messages: [unkeyed('v')] }));
    const sent = await withProducer(kafka, producer => producer.sendBatch({ topicMessages }));
    return { sent: sent.map(result => placeOf([result])).sort() };
  },

  /** A transaction that settles offsets and is committed, and one that is aborted. */
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

  /** A topic that is made and deleted; between the two, a question outside of any span. */
  async admin(kafka) {
    return withAdmin(kafka, async admin => {
      // Old releases wait for leaders in a way that a broker under load, which does not know the topic yet, ends with an error.
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

/** A step that fails must not hide what the others do. */
exports.run = async ({ Kafka, logLevel }) => {
  const kafka = new Kafka({
    clientId: 'compat',
    brokers: process.env.KAFKA_BROKERS.split(','),
    logLevel: logLevel.NOTHING,
  });
  for (const [name, step] of Object.entries(steps)) {
    try {
      say(name, await step(kafka));
    } catch (error) {
      const { type } = error.originalError ?? error.cause ?? error;
      say(name, { failed: `${error.name}: ${error.message}`, type });
    }
  }
  console.log('done');
};
