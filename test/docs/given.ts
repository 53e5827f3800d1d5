/**
 * What a snippet may take for granted, so that it can be short. A comment that readers do not see names it, right above the
 * fence: `<!-- given: producer, handle -->`. Whatever it does not name, the snippet has to import.
 */
const GIVEN: Readonly<Record<string, string>> = {
  NodeSDK: `import { NodeSDK } from '@opentelemetry/sdk-node';`,
  KafkaJsInstrumentation: `import { KafkaJsInstrumentation } from '@org/kafka-otel';`,
  getNodeAutoInstrumentations: `import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';`,
  producer: `declare const producer: import('kafkajs').Producer;`,
  consumer: `declare const consumer: import('kafkajs').Consumer;`,
  kafka: `declare const kafka: import('kafkajs').Kafka;`,
  instrumentation: `declare const instrumentation: import('@org/kafka-otel').KafkaJsInstrumentation;`,
  handle: `declare const handle: (message: unknown) => Promise<void>;`,
  app: `declare const app: {
    post(path: string, handler: (request: { body: string }, response: { end(): void }) => void): void;
  };`,
};

/** What a snippet imports from another file of the reader's program: of the type that is given here, where one is. */
export function imported(names: string): string {
  return names
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
    .map(name => GIVEN[name] ?? `declare const ${name}: unknown;`)
    .join('\n');
}

/** The lines before a snippet that make what it is given. */
export function prelude(given: string | undefined): string {
  const names = (given ?? '').split(',').map(name => name.trim());
  return names
    .filter(name => name !== '')
    .map(name => {
      const declaration = GIVEN[name];
      if (declaration === undefined)
        throw new Error(
          `nothing is called "${name}" in test/docs/given.ts; there are ${Object.keys(GIVEN).join(', ')}`,
        );
      return declaration;
    })
    .join('\n');
}
