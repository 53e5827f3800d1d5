import { NodeSDK } from '@opentelemetry/sdk-node';
import { KafkaInstrumentation } from '@org/kafka-otel';

const sdk = new NodeSDK({ instrumentations: [new KafkaInstrumentation()] });
sdk.start();

// `next start` exits soon after these signals. Send the last spans at once.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    sdk.shutdown().catch(console.error);
  });
