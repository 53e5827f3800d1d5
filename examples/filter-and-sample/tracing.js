const { NodeSDK } = require('@opentelemetry/sdk-node');
const { AlwaysOnSampler, ParentBasedSampler } = require('@opentelemetry/sdk-trace');
const { KafkaInstrumentation, TopicSampler } = require('@org/kafka-otel');

const { CLICKS_RATIO = '0.1' } = process.env;

const sdk = new NodeSDK({
  sampler: new TopicSampler(
    [{ topics: 'clicks*', ratio: Number(CLICKS_RATIO) }],
    new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  ),
  instrumentations: [
    new KafkaInstrumentation({
      topics: { exclude: 'heartbeats*' },
      filter: ({ headers }) => headers?.['x-synthetic'] === undefined,
    }),
  ],
});
sdk.start();

module.exports = { sdk };
