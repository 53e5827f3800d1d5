// Starts the SDK as an application's own tracing file does. BENCH_WITH=auto adds all instrumentations, as `register` does if they are
// installed; BENCH_WITH=package adds this package's.
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
