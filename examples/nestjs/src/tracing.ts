import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { KafkaInstrumentation } from '@org/kafka-otel';

const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation(), new KafkaInstrumentation()] });
sdk.start();
process.once('beforeExit', () => void sdk.shutdown());
