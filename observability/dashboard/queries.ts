/** PromQL queries. They use the names that Prometheus gives to the metrics of docs/metrics.md. */
import type { Query } from './panel';

export const SENT = 'messaging_client_sent_messages_total';
export const CONSUMED = 'messaging_client_consumed_messages_total';
export const OPERATION = 'messaging_client_operation_duration_seconds';
export const PROCESS = 'messaging_process_duration_seconds';
export const QUEUE_TIME = 'kafka_message_queue_time_seconds';
export const RECORDS_LAG = 'kafka_consumer_records_lag';
export const TIME_LAG = 'kafka_consumer_time_lag_seconds';
export const ASSIGNED = 'kafka_consumer_assigned_partitions';
export const HEARTBEAT_AGE = 'kafka_consumer_heartbeat_age_seconds';
export const REBALANCES = 'kafka_consumer_rebalances_total';
export const CRASHES = 'kafka_consumer_crashes_total';

export const GROUP = 'messaging_consumer_group_name';
export const TOPIC = 'messaging_destination_name';
export const OPERATION_NAME = 'messaging_operation_name';
export const ERROR = 'error_type';
export const PARTITION = [GROUP, TOPIC, 'messaging_destination_partition_id'];
export const PARTITION_LEGEND =
  '{{messaging_consumer_group_name}} ← {{messaging_destination_name}}/{{messaging_destination_partition_id}}';

/** Filters by the dashboard's variables. Which filters apply depends on the labels of the metric. */
const SERVICE = 'job=~"$service"';
const OF_GROUP = `${GROUP}=~"$group"`;
const OF_TOPIC = `${TOPIC}=~"$topic"`;
export const PRODUCERS = [SERVICE, OF_TOPIC];
export const CONSUMERS = [SERVICE, OF_GROUP, OF_TOPIC];
export const MEMBERS = [SERVICE, OF_GROUP];
/** An empty group also matches metrics of sends, which have no group. */
export const OPERATIONS = [SERVICE, `${GROUP}=~"$group|"`, OF_TOPIC];
export const FAILED = 'error_type!=""';

export const of = (metric: string, matchers: readonly string[]): string =>
  `${metric}{${matchers.join(', ')}}`;

export const rate = (metric: string, matchers: readonly string[]): string =>
  `rate(${of(metric, matchers)}[$__rate_interval])`;

const aggregate =
  (by: string) =>
  (expression: string, labels: readonly string[] = []): string =>
    labels.length === 0 ? `${by}(${expression})` : `${by} by (${labels.join(', ')}) (${expression})`;

export const sum = aggregate('sum');
export const max = aggregate('max');

/**
 * Number of events in the interval. Prometheus first sees a counter when its value is already 1, so `increase` misses the first
 * event. Instead, this query computes the growth of the counter, or takes its value if the series is new.
 */
export function events(metric: string, matchers: readonly string[]): string {
  const now = of(metric, matchers);
  return `clamp_min(${now} - (${now} offset $__rate_interval), 0) or ${now}`;
}

/** Share of handler runs that failed. 0 if there were runs and none failed. */
export function failing(labels: readonly string[], matchers: readonly string[]): string {
  const runs = `${PROCESS}_count`;
  const all = sum(rate(runs, matchers), labels);
  return `(${sum(rate(runs, [...matchers, FAILED]), labels)} or ${all} * 0) / ${all}`;
}

export const quantile = (
  share: number,
  histogram: string,
  matchers: readonly string[],
  labels: readonly string[] = [],
): string => `histogram_quantile(${share}, ${sum(rate(`${histogram}_bucket`, matchers), ['le', ...labels])})`;

export const percentiles = (histogram: string, matchers: readonly string[]): Query[] =>
  [0.5, 0.95, 0.99].map(share => ({
    expr: quantile(share, histogram, matchers),
    legend: `p${share * 100}`,
  }));

/** Queries that return the possible values of the dashboard's variables. */
export const VARIABLE_QUERIES = {
  service: `label_values({__name__=~"${SENT}|${CONSUMED}|${ASSIGNED}"}, job)`,
  group: `label_values(${ASSIGNED}{${SERVICE}}, ${GROUP})`,
  topic: `label_values({__name__=~"${SENT}|${CONSUMED}", ${SERVICE}}, ${TOPIC})`,
} as const;
