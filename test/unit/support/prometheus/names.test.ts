import type { MetricKind } from '../../../support/otlp';
import { labelName, metricName } from '../../../support/prometheus/names';

const named = (name: string, unit: string, kind: MetricKind = 'gauge', monotonic = false): string =>
  metricName({ name, unit, kind, monotonic });

test.each([
  ['kafka.consumer.records_lag', '{message}', 'gauge', false, 'kafka_consumer_records_lag'],
  ['kafka.consumer.time_lag', 's', 'gauge', false, 'kafka_consumer_time_lag_seconds'],
  ['kafka.consumer.crashes', '{crash}', 'sum', true, 'kafka_consumer_crashes_total'],
  ['messaging.process.duration', 's', 'histogram', false, 'messaging_process_duration_seconds'],
  ['db.client.connection.count', '{connection}', 'sum', false, 'db_client_connection_count'],
  ['process.cpu.time', 's', 'sum', true, 'process_cpu_time_seconds_total'],
  ['nodejs.eventloop.utilization', '1', 'gauge', false, 'nodejs_eventloop_utilization_ratio'],
  ['requests', '1', 'sum', true, 'requests_total'],
  ['disk.io', 'By/s', 'gauge', false, 'disk_io_bytes_per_second'],
  ['disk.errors', '{error}/min', 'gauge', false, 'disk_errors_per_minute'],
  ['waited.seconds', 's', 'sum', true, 'waited_seconds_total'],
  ['jobs.total', '', 'sum', true, 'jobs_total'],
  ['2xx', '', 'gauge', false, '_2xx'],
] as const)(
  '%s in %s of a %s gets the name that Prometheus gives it',
  (name, unit, kind, monotonic, wanted) => {
    expect(named(name, unit, kind, monotonic)).toBe(wanted);
  },
);

test('a label has only letters, digits and underscores, and does not begin with a digit', () => {
  expect(labelName('messaging.destination.partition.id')).toBe('messaging_destination_partition_id');
  expect(labelName('2nd-try')).toBe('key_2nd_try');
});
