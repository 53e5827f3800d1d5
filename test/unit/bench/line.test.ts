import { versionsOf } from '../../../bench/lines/line';

test('figures of another release line name the versions that were measured', () => {
  expect(versionsOf('3')).toMatch(
    /^`@opentelemetry\/sdk-trace` 3\.\d+\.\d+, `@opentelemetry\/instrumentation-kafkajs` \d+\.\d+\.\d+ and Node\.js \d+\.\d+\.\d+$/,
  );
});
