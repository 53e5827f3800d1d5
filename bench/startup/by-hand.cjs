// What a team writes that starts the SDK itself: `--require ./by-hand.cjs`. BENCH_WITH=auto adds all instrumentations, as `register`
// does where they are installed; BENCH_WITH=package adds the one for kafkajs, from this package.
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
