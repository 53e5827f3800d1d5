/**
 * Declarations for code examples in the docs. An HTML comment above a code block lists the names that the example uses
 * without an import: `<!-- given: producer, handle -->`.
 */
const GIVEN: Readonly<Record<string, string>> = {
  NodeSDK: `import { NodeSDK } from '@opentelemetry/sdk-node';`,
  KafkaJsInstrumentation: `import { KafkaJsInstrumentation } from '@org/kafka-otel';`,
  KafkaInstrumentation: `import { KafkaInstrumentation } from '@org/kafka-otel';`,
  getNodeAutoInstrumentations: `import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';`,
  producer: `declare const producer: import('kafkajs').Producer;`,
  consumer: `declare const consumer: import('kafkajs').Consumer;`,
  kafka: `declare const kafka: import('kafkajs').Kafka;`,
  instrumentation: `declare const instrumentation: import('@org/kafka-otel').KafkaJsInstrumentation;`,
  handle: `declare const handle: (message: unknown) => Promise<void>;`,
  jest: `declare const beforeEach: (run: () => void) => void;
    declare const test: (name: string, run: () => Promise<void>) => void;
    declare const expect: (value: unknown) => { toEqual(expected: unknown): void };`,
  exporter: `declare const exporter: import('@opentelemetry/sdk-node').tracing.InMemorySpanExporter;`,
  handler: `declare const handler: (event: unknown) => Promise<void>;`,
  record: `declare const record: object;`,
  exports: `declare const exports: {
    handler: (event: { records: Readonly<Record<string, readonly object[]>> }) => Promise<void>;
  };`,
  app: `declare const app: {
    post(path: string, handler: (request: { body: string }, response: { end(): void }) => void): void;
  };`,
};

/**
 * Declares names that an example imports from other files of the reader. Names that are not in the list above get the
 * type `unknown`.
 */
export function imported(names: string): string {
  return names
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
    .map(name => GIVEN[name] ?? `declare const ${name}: unknown;`)
    .join('\n');
}

/** Returns the declarations to insert before an example. */
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
