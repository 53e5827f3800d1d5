// The properties of the cluster that the stubs imitate. The hand-written instrumentation (`floor`) gets the same values.
function count(name) {
  const number = Number(process.env[name] ?? 1);
  if (!(number > 0)) throw new Error(`${name} must be a positive number, but is "${process.env[name]}"`);
  return number;
}

const topic = 'orders';
const group = 'billing';

module.exports = {
  topic,
  /** Consecutive batches use these topics and partitions in turn. */
  topics: Array.from({ length: count('BENCH_TOPICS') }, (_, index) =>
    index === 0 ? topic : `${topic}-${index}`,
  ),
  partitions: Array.from({ length: count('BENCH_PARTITIONS') }, (_, index) => index),
  group,
  /** One consumer for each. Consecutive batches go to them in turn. */
  groups: Array.from({ length: count('BENCH_GROUPS') }, (_, index) =>
    index === 0 ? group : `${group}-${index}`,
  ),
  /** How many producers send in turn. */
  producers: count('BENCH_CLIENTS'),
  clientId: 'shop',
  clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
  host: 'broker-1.example',
  port: 9092,
};
