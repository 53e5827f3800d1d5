import type { Rule } from './attributes';
import type { Declared } from './spans';

/** What tests of one file do on purpose that a rule would reject. */
interface Exception {
  /** The end of the file's path. */
  readonly file: string;
  readonly rule: Rule;
  readonly why: string;
}

/** Every exception to the rules, in one place; nothing else is passed over. */
export const exceptions: readonly Exception[] = [
  {
    file: 'test/e2e/conformance.test.ts',
    rule: 'foreign attribute',
    why: 'its sampler notes on each span what it was asked with',
  },
  {
    file: 'test/e2e/options/names.test.ts',
    rule: 'name',
    why: 'names given by a function are its own, and the test compares each of them',
  },
  {
    file: 'test/e2e/examples/node-sdk.test.ts',
    rule: 'name',
    why: 'the example gives names of its own, and its README has them',
  },
  {
    file: 'test/e2e/examples/node-sdk.test.ts',
    rule: 'foreign attribute',
    why: "the example's hooks add attributes of their own, and its README has them",
  },
];

/** The options of a program, as its environment has them, that change how its spans have to look. */
export function declaredBy(env: Readonly<Record<string, string | undefined>>): Declared {
  const context = env['OTEL_INSTRUMENTATION_KAFKA_CONSUMER_CONTEXT'] ?? '';
  const parentOnly = context
    .split(',')
    .some(rule => rule.slice(rule.lastIndexOf('=') + 1).trim() === 'parent');
  return {
    ...(env['OTEL_INSTRUMENTATION_KAFKA_SPAN_NAME'] === 'go-agent' ? { names: 'go-agent' } : {}),
    ...(parentOnly ? { parentOnly } : {}),
  };
}
