// What a client that was made, and does nothing yet, holds of the heap. BENCH_CLIENT is producer or consumer; run with --expose-gc.
const { kafka, finish } = require('../broker/variant.cjs');

/** The first ones make what all share. */
const FIRST = 50;
const COUNT = 500;

const make = {
  producer: () => kafka.producer(),
  consumer: (_, index) => kafka.consumer({ groupId: `group-${index}` }),
}[process.env.BENCH_CLIENT];

function heapUsed() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const clients = Array.from({ length: FIRST }, make);
const before = heapUsed();
clients.push(...Array.from({ length: COUNT }, make));
const bytes = (heapUsed() - before) / COUNT;
void finish({ count: clients.length - FIRST, bytes });
