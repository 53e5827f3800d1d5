// kafkajs without a broker. The `Kafka` class, the clients and the cluster object are real. Stubs replace only the
// internal factories of objects that would connect to a broker. They are in place before the instrumentation starts, so
// the instrumentation patches the public clients as usual.
const { load } = require('../sample/modules.cjs');
const { topic, topics, partitions, group, clientId, clusterId, host, port } = require('./facts.cjs');

/** What kafkajs returns from a `send` to one partition. */
const ANSWER = [{ topicName: topic, partition: 0, errorCode: 0, baseOffset: '1042', logAppendTime: '-1' }];

/** kafkajs would get this metadata from a broker. */
function setMetadata({ brokerPool }) {
  brokerPool.metadata = {
    clusterId,
    brokers: [{ nodeId: 1, host, port }],
    topicMetadata: topics.map(name => ({
      topic: name,
      partitionMetadata: partitions.map(partitionId => ({ partitionId, leader: 1 })),
    })),
  };
  brokerPool.seedBroker = { connectionPool: { pool: [{ clientId }] } };
}

function stub(path, replace) {
  const real = load(path);
  load.cache[load.resolve(path)].exports = parameters => {
    setMetadata(parameters.cluster);
    return replace(real(parameters), parameters);
  };
}

stub('kafkajs/src/producer/index.js', producer => ({ ...producer, send: () => Promise.resolve(ANSWER) }));

stub('kafkajs/src/consumer/index.js', (consumer, { instrumentationEmitter: emitter }) => {
  const { GROUP_JOIN, START_BATCH_PROCESS, END_BATCH_PROCESS } = consumer.events;
  const progress = ({ topic, partition, messages, highWatermark }) => ({
    topic,
    partition,
    highWatermark,
    batchSize: messages.length,
    firstOffset: messages[0].offset,
    lastOffset: messages[messages.length - 1].offset,
  });
  return {
    ...consumer,
    run(config) {
      emitter.emit(GROUP_JOIN, {
        memberAssignment: Object.fromEntries(topics.map(name => [name, partitions])),
      });
      handlers.set(this, {
        ...config,
        began: batch => emitter.emit(START_BATCH_PROCESS, progress(batch)),
        ended: batch => emitter.emit(END_BATCH_PROCESS, progress(batch)),
      });
      return Promise.resolve();
    },
  };
});

/** The handlers that were passed to each consumer's `run`, including the wrappers of an instrumentation. */
const handlers = new WeakMap();

const nothing = () => Promise.resolve();

/** Calls the handler of a consumer in the same way as kafkajs does. */
async function deliver(consumer, batch) {
  const { eachBatch, eachMessage, began, ended } = handlers.get(consumer);
  began(batch);
  if (eachBatch) {
    await eachBatch({
      batch,
      resolveOffset: () => undefined,
      heartbeat: () => nothing(),
      pause: () => nothing,
      commitOffsetsIfNecessary: () => nothing(),
      uncommittedOffsets: () => ({ topics: [] }),
      isRunning: () => true,
      isStale: () => false,
    });
  } else {
    const { topic, partition } = batch;
    const pause = () => nothing;
    for (const message of batch.messages) {
      await eachMessage({ topic, partition, message, heartbeat: () => nothing(), pause });
    }
  }
  ended(batch);
}

/** Call this only after the instrumentation is enabled. */
function createKafka() {
  const { Kafka } = load('kafkajs');
  return new Kafka({ clientId, brokers: [`${host}:${port}`], logLevel: 0 });
}

const createConsumer = (groupId = group) => createKafka().consumer({ groupId });
const createProducer = () => createKafka().producer({ createPartitioner: () => () => 0 });

module.exports = { createConsumer, createProducer, deliver };
