// An application's own tracing file, with this package in the list of instrumentations.
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { KafkaJsInstrumentation } = require('@org/kafka-otel');

const sdk = new NodeSDK({ instrumentations: [new KafkaJsInstrumentation()] });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
