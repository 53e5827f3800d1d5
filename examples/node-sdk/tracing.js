const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { KafkaInstrumentation } = require('@org/kafka-otel');

const VERBS = { send: 'publish', process: 'track' };

const kafkajs = new KafkaInstrumentation({
  // Every depot has its own topic. One common name keeps the number of span names low.
  spanName: ({ kind, topic }) => {
    const verb = VERBS[kind];
    return verb && topic?.startsWith('scans-') ? `${verb} scans` : undefined;
  },
  captureHeaders: 'x-*',
  producerHook: (span, { messages }) => span.setAttribute('scan.parcels', messages.length),
  consumerHook: (span, { message }) => {
    const { depot } = JSON.parse(message.value);
    span.setAttribute('scan.depot', depot);
  },
});

const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation(), kafkajs] });
sdk.start();

module.exports = { sdk };
