import {
  ValueType,
  type Counter,
  type Histogram,
  type Meter,
  type ObservableGauge,
} from '@opentelemetry/api';

/** Histogram boundaries for durations in seconds, from the messaging conventions. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Longer boundaries are added, because a record may wait in a topic for hours. */
const QUEUE_TIMES = [...DURATIONS, 30, 60, 120, 300, 600, 1800, 3600];

/** Metric names that start with `kafka.` are our own: the semantic conventions define no such metrics. */
export interface Instruments {
  readonly operationDuration: Histogram;
  readonly processDuration: Histogram;
  readonly queueTime: Histogram;
  readonly sent: Counter;
  readonly consumed: Counter;
  readonly rebalances: Counter;
  readonly crashes: Counter;
  readonly recordsLag: ObservableGauge;
  readonly timeLag: ObservableGauge;
  readonly assignedPartitions: ObservableGauge;
  readonly heartbeatAge: ObservableGauge;
  /** `undefined` if the option `requestMetrics` is off. */
  readonly requestDuration: Histogram | undefined;
  readonly requestTimeouts: Counter | undefined;
}

export function createInstruments(meter: Meter, requestMetrics: boolean): Instruments {
  const seconds = (name: string, description: string, explicitBucketBoundaries = DURATIONS) =>
    meter.createHistogram(name, {
      description,
      unit: 's',
      valueType: ValueType.DOUBLE,
      advice: { explicitBucketBoundaries },
    });
  const counter = (name: string, unit: string, description: string) =>
    withIntegers(valueType => meter.createCounter(name, { description, unit, valueType }));
  const gauge = (name: string, unit: string, description: string) =>
    withIntegers(valueType => meter.createObservableGauge(name, { description, unit, valueType }));
  const secondsGauge = (name: string, description: string) =>
    meter.createObservableGauge(name, { description, unit: 's', valueType: ValueType.DOUBLE });
  return {
    operationDuration: seconds(
      'messaging.client.operation.duration',
      'Duration of messaging operations initiated by the client.',
    ),
    processDuration: seconds('messaging.process.duration', 'Duration of a message handler or batch handler.'),
    queueTime: seconds(
      'kafka.message.queue_time',
      'Time from the timestamp of a record to the start of its handler. A batch counts once, with its oldest record. Messages that start within 10 ms of each other and waited equally long count once.',
      QUEUE_TIMES,
    ),
    sent: counter(
      'messaging.client.sent.messages',
      '{message}',
      'Messages that the producer attempted to send.',
    ),
    consumed: counter(
      'messaging.client.consumed.messages',
      '{message}',
      'Messages delivered to the application.',
    ),
    rebalances: counter(
      'kafka.consumer.rebalances',
      '{rebalance}',
      'Rebalances of the group seen by the consumer.',
    ),
    crashes: counter('kafka.consumer.crashes', '{crash}', 'Crashes of the consumer.'),
    recordsLag: gauge(
      'kafka.consumer.records_lag',
      '{message}',
      'Records of a partition that are not processed yet, as of the last fetch.',
    ),
    timeLag: secondsGauge(
      'kafka.consumer.time_lag',
      'Age of the record that the consumer has reached in the partition. 0 if all records are processed.',
    ),
    assignedPartitions: gauge(
      'kafka.consumer.assigned_partitions',
      '{partition}',
      'Partitions assigned to the consumers of a group in this process.',
    ),
    heartbeatAge: secondsGauge('kafka.consumer.heartbeat_age', 'Time since the last successful heartbeat.'),
    requestDuration: requestMetrics
      ? seconds('kafka.client.request.duration', 'Duration of requests to brokers, by API.')
      : undefined,
    requestTimeouts: requestMetrics
      ? counter('kafka.client.request.timeouts', '{request}', 'Requests to brokers that timed out.')
      : undefined,
  };
}

/** Deno 2 throws when an integer instrument is created. A double instrument records the same values. */
function withIntegers<Instrument>(create: (valueType: ValueType) => Instrument): Instrument {
  try {
    return create(ValueType.INT);
  } catch {
    return create(ValueType.DOUBLE);
  }
}
