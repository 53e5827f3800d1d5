// A service's own tracing file, in which this package is one entry of a list.
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { KafkaJsInstrumentation } = require('@org/kafka-otel');

const sdk = new NodeSDK({ instrumentations: [new KafkaJsInstrumentation()] });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
