const { metrics, trace } = require('@opentelemetry/api');
const { AwsLambdaInstrumentation } = require('@opentelemetry/instrumentation-aws-lambda');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { KafkaInstrumentation, eventContextExtractor, eventLinks } = require('@org/kafka-otel');

const lambda = new AwsLambdaInstrumentation({
  eventContextExtractor,
  requestHook: (span, { event }) => span.addLinks(eventLinks(event)),
});

const sdk = new NodeSDK({ instrumentations: [lambda, new KafkaInstrumentation()] });
sdk.start();
// NodeSDK creates the providers after it has set up the instrumentations. This one flushes them before the function returns.
lambda.setTracerProvider(trace.getTracerProvider());
lambda.setMeterProvider(metrics.getMeterProvider());

module.exports = { sdk };
