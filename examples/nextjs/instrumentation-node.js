import { NodeSDK } from '@opentelemetry/sdk-node';
import { KafkaJsInstrumentation } from '@org/kafka-otel';

const sdk = new NodeSDK({ instrumentations: [new KafkaJsInstrumentation()] });
sdk.start();

// `next start` exits soon after these signals. Send the last spans at once.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    sdk.shutdown().catch(console.error);
  });
