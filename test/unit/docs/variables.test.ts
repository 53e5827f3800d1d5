import { readPage, readPages } from '../../docs/pages';
import { problemsOf, variablesOf } from '../../docs/variables';

const named = readPages().flatMap(variablesOf);

test('every environment variable on the pages is read by something and has an accepted value', () => {
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ value }) => value !== undefined).length).toBeGreaterThan(20);
  expect(named.flatMap(problemsOf)).toEqual([]);
});

test.each([
  ['OTEL_INSTRUMENTATION_KAFKA_TOPIC', 'this package does not read'],
  ['OTEL_TRACE_EXPORTER', 'no installed OpenTelemetry package reads OTEL_TRACE_EXPORTER'],
  ['`KAFKA_BROKRES=127.0.0.1:9092`', 'nothing in this repository reads KAFKA_BROKRES'],
  ['`OTEL_INSTRUMENTATION_KAFKA_SEMCONV=1.43`', 'is not allowed and is ignored. Allowed: 1.24'],
  ["OTEL_INSTRUMENTATION_KAFKA_PROPAGATION='true,a=both'", 'is not allowed'],
  ['OTEL_INSTRUMENTATION_KAFKA_REGISTER=no', 'Allowed: attach'],
  ['OTEL_INSTRUMENTATION_KAFKA_SAMPLING=clicks-*=2', 'Allowed: topic patterns with a ratio'],
])('the mistake in %s is found', (text, complaint) => {
  const faults = variablesOf(readPage('docs/planted.md', `${text}\n`)).flatMap(problemsOf);
  expect(faults).toEqual([expect.stringContaining(complaint)]);
});
