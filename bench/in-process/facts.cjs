// What the stubs pretend, and what the floor is told.
const count = name => Number(process.env[name] ?? 1);

const topic = 'orders';

module.exports = {
  topic,
  /** Topics and partitions that batches come from in turn. */
  topics: Array.from({ length: count('BENCH_TOPICS') }, (_, index) =>
    index === 0 ? topic : `${topic}-${index}`,
  ),
  partitions: Array.from({ length: count('BENCH_PARTITIONS') }, (_, index) => index),
  group: 'billing',
  clientId: 'shop',
  clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
  host: 'broker-1.example',
  port: 9092,
};
