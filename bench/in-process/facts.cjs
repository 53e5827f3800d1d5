// The cluster that the stubs imitate. The hand-written instrumentation (`floor`) gets the same values.
function count(name) {
  const number = Number(process.env[name] ?? 1);
  if (!(number > 0)) throw new Error(`${name} must be a positive number, but is "${process.env[name]}"`);
  return number;
}

const topic = 'orders';
const group = 'billing';

module.exports = {
  topic,
  /** Batches use these topics in turn. */
  topics: Array.from({ length: count('BENCH_TOPICS') }, (_, index) =>
    index === 0 ? topic : `${topic}-${index}`,
  ),
  partitions: Array.from({ length: count('BENCH_PARTITIONS') }, (_, index) => index),
  group,
  /** Each group has one consumer. The consumers get the batches in turn. */
  groups: Array.from({ length: count('BENCH_GROUPS') }, (_, index) =>
    index === 0 ? group : `${group}-${index}`,
  ),
  /** Number of producers, which send in turn. */
  producers: count('BENCH_CLIENTS'),
  clientId: 'shop',
  clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
  host: 'broker-1.example',
  port: 9092,
};
