// An SDK without an exporter. For each message, it records the ids of the span that sent the message (24 bytes).
const { writeFileSync } = require('node:fs');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { KafkaJsInstrumentation } = require('../../..');

const BYTES = 24;
const { IDS: file, COUNT: count } = process.env;
const ids = Buffer.alloc(Number(count) * BYTES);
const spans = { started: 0, ended: 0, unlinked: 0, failed: 0 };

function recordIds(number, { traceId, spanId }) {
  ids.write(traceId, number * BYTES, 'hex');
  ids.write(spanId, number * BYTES + 16, 'hex');
}

const numberOf = ({ value }) => Number(value.toString());

/** Checks consumer spans when they end. Does not store them, because a million spans would fill the memory. */
const processor = {
  onStart() {
    spans.started++;
  },
  onEnd({ attributes, parentSpanContext, links, status }) {
    spans.ended++;
    if (status.code !== 0) spans.failed++;
    const number = attributes['soak.number'];
    if (number === undefined) return;
    const [link] = links;
    if (links.length !== 1 || link.context.spanId !== parentSpanContext?.spanId) spans.unlinked++;
    if (parentSpanContext) recordIds(number, parentSpanContext);
  },
  forceFlush: async () => {},
  shutdown: async () => {},
};

const instrumentation = new KafkaJsInstrumentation({
  producerHook: (span, { messages }) => {
    for (const message of messages) recordIds(numberOf(message), span.spanContext());
  },
  consumerHook: (span, { message }) => span.setAttribute('soak.number', numberOf(message)),
});

new NodeSDK({ instrumentations: [instrumentation], spanProcessors: [processor] }).start();

/** The program calls this at its end. */
globalThis.soakSpans = () => {
  writeFileSync(file, ids);
  return spans;
};
