import { versionsOf } from '../../../bench/lines/line';

test('figures of another line say what they were taken with', () => {
  expect(versionsOf('3')).toMatch(
    /^`@opentelemetry\/sdk-trace` 3\.\d+\.\d+, `@opentelemetry\/instrumentation-kafkajs` \d+\.\d+\.\d+ and Node\.js \d+\.\d+\.\d+$/,
  );
});
