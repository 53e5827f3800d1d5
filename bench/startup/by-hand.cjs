// Starts the SDK as an application would do in its own tracing file. BENCH_WITH=package adds this package.
// BENCH_WITH=auto adds all instrumentations that `register` would start.
const { NodeSDK } = require('@opentelemetry/sdk-node');

function instrumentations() {
  switch (process.env.BENCH_WITH) {
    case 'auto':
      return [require('@opentelemetry/auto-instrumentations-node').getNodeAutoInstrumentations()];
    case 'package':
      return [new (require('@org/kafka-otel').KafkaJsInstrumentation)()];
    default:
      return [];
  }
}

new NodeSDK({ instrumentations: instrumentations() }).start();
