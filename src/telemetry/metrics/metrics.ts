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
 * The metrics of one instrumentation. What is counted stays here while the meter may change: before an SDK is registered
 * counts wait, and the first meter that comes gets them.
 */
export class Metrics {
  readonly #topics = new Bounded(MAX_TOPICS, OTHER_TOPIC);
  readonly #errors = new Bounded(MAX_ERROR_TYPES, OTHER_ERROR);
  readonly #series = new SeriesByTopic(topic => this.#topics.of(topic));
  readonly #consumers = new Map<ConsumerHealth, ClientFacts>();
  readonly #describe: (facts: Facts) => Attributes;
  readonly #attributes: RememberedAttributes;
  readonly #tallies: Readonly<Record<CounterName, Tally>>;
  #instruments: Instruments | undefined;
  #isHeard = false;
  #release: () => void = () => undefined;

  /** @param attempted - runs a piece of ours for the SDK, which would report its failure at every collection */
  constructor(
    { metricAttributes }: Vocabulary,
    naming: Naming,
    private readonly attempted: (ours: () => void) => void = ours => {
      ours();
    },
  ) {
    this.#describe = ({ operationName, ...facts }) =>
      metricAttributes({
        operationName: operationName === undefined ? undefined : naming.operation(operationName),
        ...facts,
      });
    this.#attributes = new RememberedAttributes(this.#describe);
    const tally = (rest: Facts) => new Tally(this.#describe(rest));
    this.#tallies = {
      sent: tally({ operationName: 'send', destination: OTHER_TOPIC }),
      consumed: tally({ operationName: 'process', destination: OTHER_TOPIC }),
      rebalances: tally({}),
      crashes: tally({}),
    };
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
      if (instruments) this.#drainInto(instruments);
    } finally {
      release();
    }
  }

  /** Messages that a call tried to send to a topic. */
  sent(topic: string, count: number, errorType: string | undefined): void {
    const series = this.#series.of(undefined, topic);
    const facts = { operationName: 'send', destination: series.destination };
    const cell =
      errorType === undefined
        ? (series.sent ??= this.#cell('sent', facts))
        : this.#cell('sent', { ...facts, errorType: this.#errors.of(errorType) });
    cell.pending += count;
  }

  /** The counter of messages delivered to one group from one topic; to be kept, and added to without a lookup. */
  consumed({ group }: ClientFacts, topic: string): Cell {
    const series = this.#series.of(group, topic);
    return (series.consumed ??= this.#cell('consumed', {
      operationName: 'process',
      destination: series.destination,
      group,
    }));
  }

  /** A send, a commit or a run of a handler is over. */
  finished({ group }: ClientFacts, { operation, topic, duration, errorType }: Measurement): void {
    const instruments = this.#instruments;
    if (!instruments) return;
    const histogram = operation === 'process' ? 'processDuration' : 'operationDuration';
    const series = this.#series.of(group, topic);
    const facts = () => ({
      operationName: operation,
      operationType: operation === 'process' ? undefined : TYPES[operation],
      destination: series.destination,
      group,
    });
    const attributes =
      errorType === undefined
        ? (series[operation] ??= this.#describe(facts()))
        : this.#attributes.of({ ...facts(), errorType: this.#errors.of(errorType) });
    instruments[histogram].record(duration, attributes);
  }

  /** How long a record has waited when its handler starts, in seconds; clocks that disagree give 0. */
  queued({ group }: ClientFacts, topic: string, seconds: number): void {
    const series = this.#series.of(group, topic);
    const attributes = (series.queued ??= this.#describe({
      operationName: 'process',
      destination: series.destination,
      group,
    }));
    this.#instruments?.queueTime.record(Math.max(0, seconds), attributes);
  }

  rebalanced(client: ClientFacts): void {
    this.#cell('rebalances', groupOf(client)).pending++;
  }

  crashed(client: ClientFacts, errorType: string, restarts: boolean): void {
    const facts = { ...groupOf(client), errorType: this.#errors.of(errorType), restarts };
    this.#cell('crashes', facts).pending++;
  }

  requested(api: string, broker: string, seconds: number): void {
    this.#instruments?.requestDuration?.record(seconds, this.#attributes.of({ api, ...endpointOf(broker) }));
  }

  timedOut(api: string, broker: string): void {
    this.#instruments?.requestTimeouts?.add(1, this.#attributes.of({ api, ...endpointOf(broker) }));
  }

  /** Shows a consumer's health at every collection from now on, for as long as there is something to show. */
  watch(health: ConsumerHealth, client: ClientFacts): void {
    this.#consumers.set(health, client);
  }

  #collect(result: BatchObservableResult, instruments: Instruments): void {
    this.#drainInto(instruments);
    const now = Date.now();
    const readings = [...this.#consumers].map(
      ([health, client]) => [groupOf(client), health.read(now)] as const,
    );
    const describe = ({ destination, ...facts }: Facts) =>
      this.#describe(
        destination === undefined ? facts : { ...facts, destination: this.#topics.of(destination) },
      );
    observeConsumers(result, instruments, readings, describe);
    for (const health of this.#consumers.keys()) if (health.isGone) this.#consumers.delete(health);
  }

  #drainInto(instruments: Instruments): void {
    for (const name of COUNTERS) this.#tallies[name].drainInto(instruments[name]);
  }

  #cell(tally: CounterName, facts: Facts): Cell {
    return this.#tallies[tally].cell(keyOf(facts), () => this.#describe(facts));
  }
}

const COUNTERS = ['sent', 'consumed', 'rebalances', 'crashes'] as const;
type CounterName = (typeof COUNTERS)[number];

const TYPES = { send: 'send', commit: 'settle' } as const;

const groupOf = (client: ClientFacts) => ({ group: client.group, clusterId: client.clusterId() });
