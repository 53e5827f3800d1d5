// Creates messages as programs send them and as kafkajs decodes them. Every call creates new messages, because an
// instrumentation may modify them.
const { topic, topics, partitions } = require('./facts.cjs');

const hex = (number, digits) => number.toString(16).padStart(digits, '0');

function traceparent(producer, isSampled) {
  return `00-${hex(producer + 1, 32)}-${hex(producer + 1, 16)}-0${isSampled ? 1 : 0}`;
}

const VALUE = 'x'.repeat(100);

function outgoing(count, headers) {
  const messages = [];
  for (let index = 0; index < count; index++) {
    const message = { key: `order-${index}`, value: VALUE };
    messages.push(headers ? { ...message, headers: { ...headers } } : message);
  }
  return { topic, messages };
}

const HEADERS = Number(process.env.BENCH_HEADERS ?? 0);

function ownHeaders() {
  const headers = {};
  for (let index = 0; index < HEADERS; index++) headers[`x-header-${index}`] = Buffer.from(`value ${index}`);
  return headers;
}

let batches = 0;

/** Creates a batch as kafkajs decodes it: keys, values and headers are Buffers, and 64-bit numbers are strings. */
function fetched(count, { producers, isSampled, hasHeaders = true }) {
  const now = Date.now() - 5;
  const batchContext = { firstOffset: '1000', firstTimestamp: String(now), magicByte: 2 };
  const batch = batches++;
  const messages = [];
  for (let index = 0; index < count; index++) {
    messages.push({
      magicByte: 2,
      attributes: 0,
      timestamp: String(now),
      offset: String(1000 + index),
      key: Buffer.from(`order-${index}`),
      value: Buffer.from(VALUE),
      headers: hasHeaders
        ? { ...ownHeaders(), traceparent: Buffer.from(traceparent(index % producers, isSampled)) }
        : {},
      isControlRecord: false,
      batchContext,
    });
  }
  return {
    topic: topics[batch % topics.length],
    partition: partitions[Math.floor(batch / topics.length) % partitions.length],
    // Use a lag above zero, because a lag of zero is cheaper to compute.
    highWatermark: String(1010 + count),
    messages,
  };
}

/** Counts how often an instrumentation reads the headers of a batch. */
function watchHeaders(batch) {
  const reads = { count: 0 };
  for (const message of batch.messages) {
    const { headers } = message;
    const get = () => {
      reads.count++;
      return headers;
    };
    Object.defineProperty(message, 'headers', { get, enumerable: true, configurable: true });
  }
  return reads;
}

module.exports = { fetched, outgoing, traceparent, watchHeaders };
