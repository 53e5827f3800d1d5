import type {
  AttributeUse,
  MetricDefinition,
  RegisteredAttribute,
  SpanDefinition,
  AttributeType,
} from './registry';

/** Attributes of this package that are not in OpenTelemetry's conventions. All other unknown attributes are errors. */
const OWN_ATTRIBUTES: Readonly<Record<string, AttributeType>> = {
  // Last9's name for the partition. Only with the names of v1.44, in addition to the conventional attribute.
  'messaging.kafka.partition': 'int',
  'kafka.transaction.outcome': 'string',
  'kafka.consumer.restarts': 'boolean',
  'kafka.api.name': 'string',
};

/** Prefix of captured record headers, as in OpenTelemetry's Java agent. */
const CAPTURED_HEADER = 'messaging.header.';

export function ownAttribute(name: string): Pick<RegisteredAttribute, 'name' | 'type'> | undefined {
  const type = name.startsWith(CAPTURED_HEADER) ? 'string[]' : OWN_ATTRIBUTES[name];
  return type && { name, type };
}

/** True if a span of this operation may have this attribute. */
export function mayCarry(operation: string, name: string): boolean {
  if (name.startsWith(CAPTURED_HEADER)) return ['send', 'create', 'process'].includes(operation);
  if (name === 'messaging.kafka.partition')
    return ['send', 'create', 'process', 'settle'].includes(operation);
  return operation === 'transaction' && name === 'kafka.transaction.outcome';
}

const required = (name: string): AttributeUse => ({ name, requirement: 'required' });
const possible = (...names: readonly string[]): AttributeUse[] =>
  names.map(name => ({ name, requirement: 'recommended' }));

/** Operations that the messaging conventions do not define. */
export const ownSpanDefinitions: readonly SpanDefinition[] = [
  {
    operation_type: 'admin',
    kind: 'client',
    attributes: [
      required('messaging.system'),
      required('messaging.operation.name'),
      ...possible(
        'messaging.destination.name',
        'messaging.consumer.group.name',
        'messaging.client.id',
        'messaging.kafka.cluster.id',
        'error.type',
      ),
    ],
  },
  {
    operation_type: 'transaction',
    kind: 'internal',
    attributes: [
      required('messaging.system'),
      ...possible('messaging.client.id', 'messaging.kafka.cluster.id', 'error.type'),
    ],
  },
];

const system = required('messaging.system');
const OF_GROUP = [system, ...possible('messaging.consumer.group.name', 'messaging.kafka.cluster.id')];
const OF_PARTITION = [
  ...OF_GROUP,
  required('messaging.destination.name'),
  required('messaging.destination.partition.id'),
];
const OF_REQUEST = [system, required('kafka.api.name'), ...possible('server.address', 'server.port')];

const metric = (
  name: string,
  instrument: MetricDefinition['instrument'],
  unit: string,
  attributes: readonly AttributeUse[],
  explicit_bucket_boundaries: readonly number[] | null = null,
): MetricDefinition => ({ name, instrument, unit, attributes, explicit_bucket_boundaries });

const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Metrics that the conventions do not define: health of consumers, queue time, requests to brokers. */
export const ownMetricDefinitions: readonly MetricDefinition[] = [
  metric('kafka.consumer.records_lag', 'gauge', '{message}', OF_PARTITION),
  metric('kafka.consumer.time_lag', 'gauge', 's', OF_PARTITION),
  metric('kafka.consumer.assigned_partitions', 'gauge', '{partition}', OF_GROUP),
  metric('kafka.consumer.heartbeat_age', 'gauge', 's', OF_GROUP),
  metric('kafka.consumer.rebalances', 'counter', '{rebalance}', OF_GROUP),
  metric('kafka.consumer.crashes', 'counter', '{crash}', [
    ...OF_GROUP,
    required('error.type'),
    required('kafka.consumer.restarts'),
  ]),
  metric(
    'kafka.message.queue_time',
    'histogram',
    's',
    [
      system,
      required('messaging.operation.name'),
      ...possible('messaging.destination.name', 'messaging.consumer.group.name'),
    ],
    [...DURATIONS, 30, 60, 120, 300, 600, 1800, 3600],
  ),
  metric('kafka.client.request.duration', 'histogram', 's', OF_REQUEST, DURATIONS),
  metric('kafka.client.request.timeouts', 'counter', '{request}', OF_REQUEST),
];

/** Attributes that the conventions allow on metrics. This package leaves them out to limit the number of series. */
export const leftOutOfMetrics: ReadonlySet<string> = new Set([
  'messaging.destination.partition.id',
  'messaging.destination.template',
  'messaging.destination.subscription.name',
  'server.address',
  'server.port',
]);
