// A typical tracing file: starts the SDK with this package in its list of instrumentations.
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { KafkaJsInstrumentation } = require('@org/kafka-otel');

const sdk = new NodeSDK({ instrumentations: [new KafkaJsInstrumentation()] });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
