// Measures how much heap memory an idle client keeps. BENCH_CLIENT is producer or consumer. Needs --expose-gc.
const { kafka, finish } = require('../broker/variant.cjs');

/** Create some clients before the measurement, so that memory that all clients share is not counted. */
const WARM_UP = 50;
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

const clients = Array.from({ length: WARM_UP }, make);
const before = heapUsed();
clients.push(...Array.from({ length: COUNT }, make));
const bytes = (heapUsed() - before) / COUNT;
void finish({ count: clients.length - WARM_UP, bytes });
