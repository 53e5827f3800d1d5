// What both programs of the pair share: their client, their memory, and what they tell.
const { Kafka, logLevel } = require('kafkajs');

exports.kafka = new Kafka({
  clientId: 'soak',
  brokers: process.env.KAFKA_BROKERS.split(','),
  logLevel: logLevel.WARN,
});

exports.topic = process.env.TOPIC;
exports.count = Number(process.env.COUNT);

/** Bytes on the heap after a collection. */
function heap() {
  global.gc();
  global.gc();
  return process.memoryUsage().heapUsed;
}

/** Follows a program's way through its messages: the heap is compared with that at a tenth of them, when all is warm. */
exports.follow = () => {
  const { count } = exports;
  const step = Math.ceil(count / 100);
  const warm = Math.ceil(count / 10);
  const began = Date.now();
  let done = 0;
  let before;
  return {
    advance() {
      done++;
      if (done === warm) before = heap();
      if (done % step === 0) console.log(`progress ${done}`);
    },
    finish(seen) {
      const seconds = (Date.now() - began) / 1000;
      const grown = heap() - (before ?? NaN);
      console.log(`RESULT ${JSON.stringify({ grown, seconds, spans: globalThis.soakSpans?.(), ...seen })}`);
    },
  };
};
