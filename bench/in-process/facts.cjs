// What the stubs pretend, and what the floor is told.
function count(name) {
  const number = Number(process.env[name] ?? 1);
  // Without topics nothing is as in a program, and all of it dearer.
  if (!(number > 0)) throw new Error(`${name} must be a number, and is ${process.env[name]}`);
  return number;
}

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
