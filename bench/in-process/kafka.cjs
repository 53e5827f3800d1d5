// The real `Kafka` class, its real clients and cluster; only what would ask a broker answers at once. The stubs take the place of
// kafkajs's inner factories before anything is patched, so every instrumentation sits where it always does, above them.
const { load } = require('../sample/modules.cjs');
const { topic, topics, partitions, group, clientId, clusterId, host, port } = require('./facts.cjs');

/** kafkajs's answer to a `send` to one partition. */
const ANSWER = [{ topicName: topic, partition: 0, errorCode: 0, baseOffset: '1042', logAppendTime: '-1' }];

/** What kafkajs knows of its cluster once it is connected. */
function connected({ brokerPool }) {
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
    connected(parameters.cluster);
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
    /** Joins the group and keeps what kafkajs would call. */
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

/** By consumer, the handlers that its `run` was given: wrapped ones, where somebody wraps. */
const handlers = new WeakMap();

const nothing = () => Promise.resolve();

/** Hands a batch to a consumer's handler the way kafkajs's runner does. */
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

/** A client of kafkajs, to be made when the instrumentation is on. */
function createKafka() {
  const { Kafka } = load('kafkajs');
  return new Kafka({ clientId, brokers: [`${host}:${port}`], logLevel: 0 });
}

const createConsumer = () => createKafka().consumer({ groupId: group });
const createProducer = () => createKafka().producer({ createPartitioner: () => () => 0 });

module.exports = { createConsumer, createProducer, deliver };
