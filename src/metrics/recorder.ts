import {
  createNoopMeter,
  type Attributes,
  type BatchObservableCallback,
  type BatchObservableResult,
  type Meter,
  type Observable,
} from '@opentelemetry/api';
import type { Naming, OperationFacts, Vocabulary } from '../semconv/vocabulary';
import type { ConsumerHealth } from './consumer-health';
import { observeConsumers, type GroupFacts } from './gauges';
import { createInstruments, type Instruments } from './instruments';

/**
 * How many topics get their own metric series. Some services create a reply topic per request, so there must be a
 * limit.
 */
const MAX_TOPICS = 500;
const OTHER_TOPIC = '_other';

const MAX_ERROR_TYPES = 100;
const OTHER_ERROR = '_OTHER';

/** How many pairs of group and topic get their own metric series. Some processes keep creating groups. */
const MAX_SERIES = 2000;

/**
 * A message's queue time is skipped if the last queue time was recorded less than 10 ms ago and the two queue times
 * differ by less than 10 ms. Recording every message would take a tenth of the CPU time of `eachMessage`.
 */
const QUEUE_TIME_INTERVAL_MS = 10;

export interface MeasuredClient {
  readonly group: string | undefined;
  clusterId(): string | undefined;
}

export interface Measurement {
  readonly operation: 'send' | 'commit' | 'process';
  readonly topic: string | undefined;
  readonly seconds: number;
  readonly errorType: string | undefined;
}

/** Attributes and counts of one pair of group and topic. Attributes are created at first use. */
interface TopicSeries {
  readonly group: string | undefined;
  /** The topic's name in metrics, or `_other` if there are too many topics or series. `undefined` if no topic is known. */
  readonly destination: string | undefined;
  readonly durations: Partial<Record<Measurement['operation'], Attributes>>;
  queueTime?: Attributes;
  /** The last recorded queue time, in milliseconds. */
  lastQueueTime: number;
  queueTimeAt: number;
  sent?: PendingCount;
  consumed?: PendingCount;
}

/**
 * A count that the next metric collection adds to its counter. Calling `counter.add` for each message is slower,
 * because the SDK hashes the attributes in each call.
 */
interface PendingCount {
  pending: number;
  readonly attributes: Attributes;
}

/** Records the metrics of one instrumentation. Counts nothing until an SDK with metrics is registered. */
export class MetricsRecorder {
  readonly #topics = new CardinalityLimit(MAX_TOPICS, OTHER_TOPIC);
  readonly #errors = new CardinalityLimit(MAX_ERROR_TYPES, OTHER_ERROR);
  readonly #consumers = new Map<ConsumerHealth, MeasuredClient>();
  readonly #series = new Map<string | undefined, Map<string | undefined, TopicSeries>>();
  #seriesCount = 0;
  #last:
    | { readonly group: string | undefined; readonly topic: string | undefined; readonly series: TopicSeries }
    | undefined;
  #describe: (facts: OperationFacts) => Attributes = () => ({});
  #vocabulary: Vocabulary | undefined;
  #naming: Naming | undefined;
  #instruments: Instruments | undefined;
  #hasMetricReader = false;
  #removeCallback: () => void = () => undefined;

  /** @param guard - runs a function and logs its failure once; the SDK would log the failure at every collection */
  constructor(private readonly guard: (run: () => void) => void) {}

  /** Sets the names of attributes and operations for all later measurements. */
  useNames(vocabulary: Vocabulary, naming: Naming): void {
    if (vocabulary === this.#vocabulary && naming === this.#naming) return;
    this.#vocabulary = vocabulary;
    this.#naming = naming;
    if (this.#instruments) this.#drainInto(this.#instruments);
    this.#series.clear();
    this.#seriesCount = 0;
    this.#last = undefined;
    this.#describe = facts =>
      vocabulary.metricAttributes(
        facts.operationName === undefined
          ? facts
          : { ...facts, operationName: naming.operation(facts.operationName) },
      );
  }

  /** Creates the instruments with this meter. Call it again when the meter provider has changed. */
  useMeter(meter: Meter, requestMetrics: boolean): void {
    this.#removeCallback();
    const instruments = createInstruments(meter, requestMetrics);
    const { recordsLag, timeLag, assignedPartitions, heartbeatAge } = instruments;
    const observed: Observable[] = [recordsLag, timeLag, assignedPartitions, heartbeatAge];
    const observe: BatchObservableCallback = result => {
      this.guard(() => {
        this.#collect(result, instruments);
      });
    };
    meter.addBatchObservableCallback(observe, observed);
    this.#removeCallback = () => {
      meter.removeBatchObservableCallback(observe, observed);
    };
    this.#instruments = instruments;
    this.#hasMetricReader = meter !== createNoopMeter();
  }

  /** Adds pending counts to their counters and stops observing. */
  leaveMeter(): void {
    const instruments = this.#instruments;
    const removeCallback = this.#removeCallback;
    this.#removeCallback = () => undefined;
    this.#instruments = undefined;
    this.#hasMetricReader = false;
    try {
      if (instruments) this.#drainInto(instruments);
    } finally {
      removeCallback();
    }
  }

  /** False if the SDK exports only traces and would drop every measurement. */
  get hasMetricReader(): boolean {
    return this.#hasMetricReader;
  }

  get hasMeter(): boolean {
    return this.#instruments !== undefined;
  }

  /** Counts messages that a call tried to send. */
  countSent(topic: string, count: number, errorType: string | undefined): void {
    if (!this.#hasMetricReader) return;
    const series = this.#seriesOf(undefined, topic);
    const facts = { operationName: 'send', destination: series.destination };
    if (errorType === undefined)
      (series.sent ??= { pending: 0, attributes: this.#describe(facts) }).pending += count;
    else
      this.#instruments?.sent.add(
        count,
        this.#describe({ ...facts, errorType: this.#errors.limit(errorType) }),
      );
  }

  countConsumed({ group }: MeasuredClient, topic: string, count: number): void {
    if (!this.#hasMetricReader) return;
    const series = this.#seriesOf(group, topic);
    series.consumed ??= { pending: 0, attributes: this.#describeProcess(series) };
    series.consumed.pending += count;
  }

  recordDuration(
    { group }: Pick<MeasuredClient, 'group'>,
    { operation, topic, seconds, errorType }: Measurement,
  ): void {
    const series = this.#seriesOf(group, topic);
    const facts = (): OperationFacts => ({
      operationName: operation,
      operationType: operation === 'process' ? undefined : OPERATION_TYPES[operation],
      destination: series.destination,
      group: series.group,
    });
    const attributes =
      errorType === undefined
        ? (series.durations[operation] ??= this.#describe(facts()))
        : this.#describe({ ...facts(), errorType: this.#errors.limit(errorType) });
    const histogram = operation === 'process' ? 'processDuration' : 'operationDuration';
    this.#instruments?.[histogram].record(seconds, attributes);
  }

  /**
   * Records how long a message waited from its timestamp to the start of its handler. Negative times count as 0,
   * because the clocks of two hosts may differ. Some messages are skipped: see `QUEUE_TIME_INTERVAL_MS`.
   *
   * @param timestamp - of the oldest message, in milliseconds since the epoch
   * @param isBatch - true for a batch, which is never skipped
   */
  recordQueueTime({ group }: MeasuredClient, topic: string, timestamp: number, isBatch: boolean): void {
    const series = this.#seriesOf(group, topic);
    const now = Date.now();
    const waited = Math.max(0, now - timestamp);
    // If the clock was set back, the difference is negative. Without `Math.abs`, the metric could then stop.
    const isRepeated =
      Math.abs(now - series.queueTimeAt) < QUEUE_TIME_INTERVAL_MS &&
      Math.abs(waited - series.lastQueueTime) < QUEUE_TIME_INTERVAL_MS;
    if (isRepeated && !isBatch) return;
    series.queueTimeAt = now;
    series.lastQueueTime = waited;
    series.queueTime ??= this.#describeProcess(series);
    this.#instruments?.queueTime.record(waited / 1000, series.queueTime);
  }

  #describeProcess({ group, destination }: TopicSeries): Attributes {
    return this.#describe({ operationName: 'process', destination, group });
  }

  countRebalance(client: MeasuredClient): void {
    this.#instruments?.rebalances.add(1, this.#describe(groupOf(client)));
  }

  countCrash(client: MeasuredClient, errorType: string, restarts: boolean): void {
    const facts = { ...groupOf(client), errorType: this.#errors.limit(errorType), restarts };
    this.#instruments?.crashes.add(1, this.#describe(facts));
  }

  requested(api: string, broker: string, seconds: number): void {
    this.#instruments?.requestDuration?.record(seconds, this.#describe({ api, ...endpointOf(broker) }));
  }

  timedOut(api: string, broker: string): void {
    this.#instruments?.requestTimeouts?.add(1, this.#describe({ api, ...endpointOf(broker) }));
  }

  /** Observes a consumer at every collection, until the consumer has nothing left to report. */
  watch(health: ConsumerHealth, client: MeasuredClient): void {
    this.#consumers.set(health, client);
  }

  #collect(result: BatchObservableResult, instruments: Instruments): void {
    this.#drainInto(instruments);
    const now = Date.now();
    const readings = [...this.#consumers].map(
      ([health, client]) => [groupOf(client), health.read(now)] as const,
    );
    observeConsumers(result, instruments, readings, ({ destination, ...facts }) =>
      this.#describe(
        destination === undefined ? facts : { ...facts, destination: this.#topics.limit(destination) },
      ),
    );
    for (const health of this.#consumers.keys()) if (health.isGone) this.#consumers.delete(health);
  }

  #drainInto(instruments: Instruments): void {
    for (const topics of this.#series.values()) {
      for (const { sent, consumed } of topics.values()) {
        if (sent) drain(sent, instruments.sent);
        if (consumed) drain(consumed, instruments.consumed);
      }
    }
  }

  #seriesOf(group: string | undefined, topic: string | undefined): TopicSeries {
    const last = this.#last;
    if (last && last.topic === topic && last.group === group) return last.series;
    let key = group;
    let destination = topic === undefined ? undefined : this.#topics.limit(topic);
    if (this.#seriesCount >= MAX_SERIES && !this.#series.get(group)?.has(destination)) {
      // To limit memory, all further pairs of group and topic share one series.
      key = undefined;
      destination = topic === undefined ? undefined : OTHER_TOPIC;
    }
    const topics = this.#series.get(key) ?? new Map<string | undefined, TopicSeries>();
    this.#series.set(key, topics);
    let series = topics.get(destination);
    if (!series) {
      topics.set(
        destination,
        (series = { group: key, destination, durations: {}, queueTimeAt: -Infinity, lastQueueTime: 0 }),
      );
      this.#seriesCount++;
    }
    this.#last = { group, topic, series };
    return series;
  }
}

function drain(count: PendingCount, counter: Instruments['sent']): void {
  if (count.pending === 0) return;
  const { pending } = count;
  count.pending = 0;
  counter.add(pending, count.attributes);
}

/**
 * Limits how many values a metric attribute can have. After the first `max` values, every new value is replaced by
 * `other`.
 */
class CardinalityLimit {
  readonly #known = new Set<string>();

  constructor(
    private readonly max: number,
    private readonly other: string,
  ) {}

  limit(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.max) return this.other;
    this.#known.add(value);
    return value;
  }
}

const OPERATION_TYPES = { send: 'send', commit: 'settle' } as const;

const groupOf = (client: MeasuredClient): GroupFacts => ({
  group: client.group,
  clusterId: client.clusterId(),
});

/** kafkajs names a broker `host:port`. An IPv6 host may be in brackets. */
const BROKER = /^\[?(.+?)\]?:(\d+)$/;

function endpointOf(broker: string): OperationFacts {
  const [, host, port] = BROKER.exec(broker) ?? [];
  return host === undefined ? { serverAddress: broker } : { serverAddress: host, serverPort: Number(port) };
}
