/**
 * Declarations that a snippet can use without importing them. An HTML comment right above the fence names them:
 * `<!-- given: producer, handle -->`. The snippet must import everything else.
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

/** Declarations for names that a snippet imports from another file of the reader's program, `unknown` if not listed above. */
export function imported(names: string): string {
  return names
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
    .map(name => GIVEN[name] ?? `declare const ${name}: unknown;`)
    .join('\n');
}

/** The declarations to put before a snippet. */
export function prelude(given: string | undefined): string {
  const names = (given ?? '').split(',').map(name => name.trim());
  return names
    .filter(name => name !== '')
    .map(name => {
      const declaration = GIVEN[name];
      if (declaration === undefined)
        throw new Error(
          `unknown name "${name}"; test/docs/given.ts declares ${Object.keys(GIVEN).join(', ')}`,
        );
      return declaration;
    })
    .join('\n');
}
