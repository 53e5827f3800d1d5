// Code that both programs share: the kafkajs client, the measurement of the heap, and the output.
const { Kafka, logLevel } = require('kafkajs');

exports.kafka = new Kafka({
  clientId: 'soak',
  brokers: process.env.KAFKA_BROKERS.split(','),
  logLevel: logLevel.WARN,
});

exports.topic = process.env.TOPIC;
exports.count = Number(process.env.COUNT);

/** Returns the heap size after garbage collection, in bytes. */
function heap() {
  global.gc();
  global.gc();
  return process.memoryUsage().heapUsed;
}

/**
 * Counts messages and measures the heap growth since the first tenth of the messages. Before that, code is compiled and
 * caches are filled.
 */
exports.trackProgress = () => {
  const { count } = exports;
  const step = Math.ceil(count / 100);
  const warm = Math.ceil(count / 10);
  const started = Date.now();
  let done = 0;
  let before;
  return {
    advance() {
      done++;
      if (done === warm) before = heap();
      if (done % step === 0) console.log(`progress ${done}`);
    },
    finish(counts) {
      const seconds = (Date.now() - started) / 1000;
      const grown = heap() - (before ?? NaN);
      console.log(`RESULT ${JSON.stringify({ grown, seconds, spans: globalThis.soakSpans?.(), ...counts })}`);
    },
  };
};
