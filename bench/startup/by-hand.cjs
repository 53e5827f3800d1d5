// Starts the SDK as a hand-written tracing file would. BENCH_WITH=package adds this package. BENCH_WITH=auto adds all
// instrumentations that `register` also uses when they are installed.
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
