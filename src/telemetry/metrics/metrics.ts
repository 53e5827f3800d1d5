import {
  createNoopMeter,
  type Attributes,
  type BatchObservableCallback,
  type BatchObservableResult,
  type Meter,
  type Observable,
} from '@opentelemetry/api';
import type { Naming } from '../../semconv/names';
import type { Facts, Vocabulary } from '../../semconv/vocabulary';
import type { ClientFacts } from '../client';
import { Bounded } from './bounded';
import type { ConsumerHealth } from './consumer';
import { observeConsumers } from './gauges';
import { endpointOf } from './endpoint';
import { createInstruments, type Instruments } from './instruments';
import { RememberedAttributes, keyOf } from './remembered';
import { SeriesByTopic } from './series';
import { Tally, type Cell } from './tally';

/** Topics told apart in metrics: a service that makes a reply topic per request must not make a series per request. */
const MAX_TOPICS = 500;
const OTHER_TOPIC = '_other';

/** Error types told apart in metrics. */
const MAX_ERROR_TYPES = 100;
const OTHER_ERROR = '_OTHER';

/** What a finished operation says of itself to the metrics. */
export interface Measurement {
  readonly operation: 'send' | 'commit' | 'process';
  readonly topic: string | undefined;
  /** In seconds. */
  readonly duration: number;
  readonly errorType: string | undefined;
}

/**
 * The metrics of one instrumentation. Nothing is counted before an SDK for metrics is there; what is counted then is handed over
 * at its next collection. Health of consumers is kept at all times, as gauges show what is true by then.
 */
export class Metrics {
  readonly #topics = new Bounded(MAX_TOPICS, OTHER_TOPIC);
  readonly #errors = new Bounded(MAX_ERROR_TYPES, OTHER_ERROR);
  readonly #consumers = new Map<ConsumerHealth, ClientFacts>();
  #described: Described;
  #instruments: Instruments | undefined;
  #isHeard = false;
  #release: () => void = () => undefined;

  /** @param attempted - runs a piece of ours for the SDK, which would report its failure at every collection */
  constructor(
    vocabulary: Vocabulary,
    naming: Naming,
    private readonly attempted: (ours: () => void) => void = ours => {
      ours();
    },
  ) {
    this.#described = new Described(vocabulary, naming, this.#topics);
  }

  /** Names attributes and operations like this from now on; what was counted before goes out under its old names. */
  describeBy(vocabulary: Vocabulary, naming: Naming): void {
    const described = this.#described;
    if (described.vocabulary === vocabulary && described.naming === naming) return;
    this.#described = new Described(vocabulary, naming, this.#topics);
    if (this.#instruments) described.drainInto(this.#instruments);
  }

  /** Creates every instrument on this meter; called again whenever the provider changes. */
  useMeter(meter: Meter, requestMetrics: boolean): void {
    this.#release();
    const instruments = createInstruments(meter, requestMetrics);
    const { recordsLag, timeLag, assignedPartitions, heartbeatAge } = instruments;
    const observed: Observable[] = [recordsLag, timeLag, assignedPartitions, heartbeatAge];
    const observe: BatchObservableCallback = result => {
      this.attempted(() => {
        this.#collect(result, instruments);
      });
    };
    meter.addBatchObservableCallback(observe, observed);
    this.#release = () => {
      meter.removeBatchObservableCallback(observe, observed);
    };
    this.#instruments = instruments;
    this.#isHeard = meter !== createNoopMeter();
  }

  /** Whether what is measured reaches anybody: not where an SDK has traces alone. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  get hasMeter(): boolean {
    return this.#instruments !== undefined;
  }

  /** Hands over what has been counted, and shows nothing any more. */
  leaveMeter(): void {
    const instruments = this.#instruments;
    const release = this.#release;
    this.#release = () => undefined;
    this.#instruments = undefined;
    this.#isHeard = false;
    try {
      if (instruments) this.#described.drainInto(instruments);
    } finally {
      release();
    }
  }

  /** Messages that a call tried to send to a topic. */
  sent(topic: string, count: number, errorType: string | undefined): void {
    if (!this.#isHeard) return;
    const series = this.#described.series.of(undefined, topic);
    const facts = { operationName: 'send', destination: series.destination };
    const cell =
      errorType === undefined
        ? (series.sent ??= this.#described.cell('sent', facts))
        : this.#described.cell('sent', { ...facts, errorType: this.#errors.of(errorType) });
    cell.pending += count;
  }

  /** Messages that were delivered to a handler. */
  consumed({ group }: ClientFacts, topic: string, count: number): void {
    if (!this.#isHeard) return;
    const series = this.#described.series.of(group, topic);
    const cell = (series.consumed ??= this.#described.cell('consumed', {
      operationName: 'process',
      destination: series.destination,
      group,
    }));
    cell.pending += count;
  }

  /** A send, a commit or a run of a handler is over. */
  finished({ group }: ClientFacts, { operation, topic, duration, errorType }: Measurement): void {
    const instruments = this.#instruments;
    if (!instruments) return;
    const histogram = operation === 'process' ? 'processDuration' : 'operationDuration';
    const { describe, attributes: remembered, series: all } = this.#described;
    const series = all.of(group, topic);
    const facts = () => ({
      operationName: operation,
      operationType: operation === 'process' ? undefined : TYPES[operation],
      destination: series.destination,
      group,
    });
    const attributes =
      errorType === undefined
        ? (series[operation] ??= describe(facts()))
        : remembered.of({ ...facts(), errorType: this.#errors.of(errorType) });
    instruments[histogram].record(duration, attributes);
  }

  /** How long a record has waited when its handler starts, in seconds; clocks that disagree give 0. */
  queued({ group }: ClientFacts, topic: string, seconds: number): void {
    const series = this.#described.series.of(group, topic);
    const attributes = (series.queued ??= this.#described.describe({
      operationName: 'process',
      destination: series.destination,
      group,
    }));
    this.#instruments?.queueTime.record(Math.max(0, seconds), attributes);
  }

  rebalanced(client: ClientFacts): void {
    if (this.#isHeard) this.#described.cell('rebalances', groupOf(client)).pending++;
  }

  crashed(client: ClientFacts, errorType: string, restarts: boolean): void {
    if (!this.#isHeard) return;
    const facts = { ...groupOf(client), errorType: this.#errors.of(errorType), restarts };
    this.#described.cell('crashes', facts).pending++;
  }

  requested(api: string, broker: string, seconds: number): void {
    this.#instruments?.requestDuration?.record(seconds, this.#requestOf(api, broker));
  }

  timedOut(api: string, broker: string): void {
    this.#instruments?.requestTimeouts?.add(1, this.#requestOf(api, broker));
  }

  #requestOf(api: string, broker: string): Attributes {
    return this.#described.attributes.of({ api, ...endpointOf(broker) });
  }

  /** Shows a consumer's health at every collection from now on, for as long as there is something to show. */
  watch(health: ConsumerHealth, client: ClientFacts): void {
    this.#consumers.set(health, client);
  }

  #collect(result: BatchObservableResult, instruments: Instruments): void {
    const described = this.#described;
    described.drainInto(instruments);
    const now = Date.now();
    const readings = [...this.#consumers].map(
      ([health, client]) => [groupOf(client), health.read(now)] as const,
    );
    const describe = ({ destination, ...facts }: Facts) =>
      described.describe(
        destination === undefined ? facts : { ...facts, destination: this.#topics.of(destination) },
      );
    observeConsumers(result, instruments, readings, describe);
    for (const health of this.#consumers.keys()) if (health.isGone) this.#consumers.delete(health);
  }
}

/** What bears the names of one vocabulary: attributes, and counts that wait to be handed over with them. */
class Described {
  readonly describe: (facts: Facts) => Attributes;
  readonly attributes: RememberedAttributes;
  readonly series: SeriesByTopic;
  readonly #tallies: Readonly<Record<CounterName, Tally>>;

  constructor(
    readonly vocabulary: Vocabulary,
    readonly naming: Naming,
    topics: Bounded,
  ) {
    this.describe = ({ operationName, ...facts }) =>
      vocabulary.metricAttributes({
        operationName: operationName === undefined ? undefined : naming.operation(operationName),
        ...facts,
      });
    this.attributes = new RememberedAttributes(this.describe);
    this.series = new SeriesByTopic(topic => topics.of(topic));
    const tally = (rest: Facts) => new Tally(this.describe(rest));
    this.#tallies = {
      sent: tally({ operationName: 'send', destination: OTHER_TOPIC }),
      consumed: tally({ operationName: 'process', destination: OTHER_TOPIC }),
      rebalances: tally({}),
      crashes: tally({}),
    };
  }

  cell(tally: CounterName, facts: Facts): Cell {
    return this.#tallies[tally].cell(keyOf(facts), () => this.describe(facts));
  }

  drainInto(instruments: Instruments): void {
    for (const name of COUNTERS) this.#tallies[name].drainInto(instruments[name]);
  }
}

const COUNTERS = ['sent', 'consumed', 'rebalances', 'crashes'] as const;
type CounterName = (typeof COUNTERS)[number];

const TYPES = { send: 'send', commit: 'settle' } as const;

const groupOf = (client: ClientFacts) => ({ group: client.group, clusterId: client.clusterId() });
