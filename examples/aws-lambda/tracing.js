const { AwsLambdaInstrumentation } = require('@opentelemetry/instrumentation-aws-lambda');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { KafkaInstrumentation, eventContextExtractor, eventLinks } = require('@org/kafka-otel');

const lambda = new AwsLambdaInstrumentation({
  eventContextExtractor,
  requestHook: (span, { event }) => span.addLinks(eventLinks(event)),
});

const sdk = new NodeSDK({ instrumentations: [lambda, new KafkaInstrumentation()] });
sdk.start();

module.exports = { sdk };
