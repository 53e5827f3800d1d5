/** @type {import('next').NextConfig} */
export default {
  // Node.js loads these packages, the bundle leaves them out.
  serverExternalPackages: ['kafkajs', '@org/kafka-otel', '@opentelemetry/sdk-node'],
};
