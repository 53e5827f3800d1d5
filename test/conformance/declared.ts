import type { Rule } from './attributes';
import type { Declared } from './spans';

/** A test file that violates a rule on purpose. */
interface Exception {
  /** The end of the path of the test file. */
  readonly file: string;
  readonly rule: Rule;
  readonly why: string;
}

export const exceptions: readonly Exception[] = [
  {
    file: 'test/e2e/conformance.test.ts',
    rule: 'foreign attribute',
    why: 'its sampler records the attributes it got on each span',
  },
  {
    file: 'test/e2e/options/names.test.ts',
    rule: 'name',
    why: 'it sets span names by a function and compares them itself',
  },
  {
    file: 'test/e2e/examples/node-sdk.test.ts',
    rule: 'name',
    why: 'the example sets its own span names, which its README shows',
  },
  {
    file: 'test/e2e/examples/node-sdk.test.ts',
    rule: 'foreign attribute',
    why: "the example's hooks add attributes, which its README shows",
  },
  {
    file: 'test/loaders/nextjs.test.ts',
    rule: 'foreign attribute',
    why: '`@vercel/otel` adds an attribute to every span',
  },
  {
    file: 'test/e2e/lambda/events.test.ts',
    rule: 'links',
    why: 'a record without headers belongs to the span of the invocation',
  },
  ...['test/e2e/lambda/events.test.ts', 'test/e2e/examples/aws-lambda.test.ts'].map((file): Exception => ({
    file,
    rule: 'required',
    why: 'the events of AWS Lambda do not name the consumer group',
  })),
];

/** Environment variables of a program that change the rules for its spans. */
export function declaredBy(env: Readonly<Record<string, string | undefined>>): Declared {
  const context = env['OTEL_INSTRUMENTATION_KAFKA_CONSUMER_CONTEXT'] ?? '';
  const parentOnly = context
    .split(',')
    .some(rule => rule.slice(rule.lastIndexOf('=') + 1).trim() === 'parent');
  const isNamedAs124 = env['OTEL_INSTRUMENTATION_KAFKA_SEMCONV']?.startsWith('1.24') ?? false;
  return {
    ...(isNamedAs124 ? { names: '1.24' } : {}),
    ...(env['OTEL_INSTRUMENTATION_KAFKA_SPAN_NAME'] === 'go-agent' ? { names: 'go-agent' } : {}),
    ...(parentOnly ? { parentOnly } : {}),
  };
}
