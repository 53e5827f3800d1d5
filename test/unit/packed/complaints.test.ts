import { warningsIn } from '../../packed/install';

test.each([
  'npm warn ERESOLVE overriding peer dependency',
  'npm error code ERESOLVE',
  "npm warn EBADENGINE   required: { node: '>=22' },",
  '[WARN] Issues with peer dependencies found. Run "pnpm peers check" to list them.',
  '[WARN] Unsupported engine for @opentelemetry/sdk-node@0.301.0: wanted: {"node":">=22.15.0"}',
  'warning " > @opentelemetry/sdk-node@0.223.0" has incorrect peer dependency "@opentelemetry/api@>=1.3.0 <1.10.0".',
  'warning " > @org/kafka-otel@0.1.0" has unmet peer dependency "@opentelemetry/api@^1.9.0".',
  "➤ YN0002: │ program@workspace:. doesn't provide @opentelemetry/api (p1), requested by @org/kafka-otel.",
  'error kafkajs@2.2.4: The engine "node" is incompatible with this module. Expected version ">=99".',
])('a complaint about peers or engines fails an installation: %s', line => {
  expect(warningsIn(`added 3 packages\n${line}\n`)).toEqual([line]);
});

test('other lines do not', () => {
  const lines = ['added 75 packages in 3s', 'npm warn deprecated glob@7.2.3', '➤ YN0000: · Done in 1s 31ms'];
  expect(warningsIn(lines.join('\n'))).toEqual([]);
});
