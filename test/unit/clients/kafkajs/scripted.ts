import { EventEmitter } from 'node:events';
import type { TracerProvider } from '@opentelemetry/api';
import { KafkaInstrumentation } from '../../../../src';
import type { KafkaInstrumentationConfig } from '../../../../src/config/options';
import { measured, type Measured, type Point } from '../../metrics/measuring';

/** The events of a kafkajs consumer to which the instrumentation adds listeners. */
export const EVENTS = [
  'GROUP_JOIN',
  'HEARTBEAT',
  'START_BATCH_PROCESS',
  'END_BATCH_PROCESS',
  'STOP',
  'DISCONNECT',
  'CRASH',
  'COMMIT_OFFSETS',
  'REQUEST',
  'REQUEST_TIMEOUT',
] as const;
type EventName = (typeof EVENTS)[number];

export interface FetchedRecord {
  readonly offset: string;
  readonly timestamp?: string;
  readonly headers?: object;
}
interface RunConfig {
  readonly eachMessage?: (payload: object) => unknown;
  readonly eachBatch?: (payload: object) => unknown;
  readonly eachBatchAutoResolve?: boolean;
}

/** A consumer with the methods and events of kafkajs. The test decides when it joins, fetches and calls the handler. */
export class ScriptedConsumer extends EventEmitter {
  readonly events: Readonly<Record<string, string>>;
  readonly #paused = new Set<number>();
  #config: RunConfig = {};

  constructor(names: readonly EventName[] = EVENTS) {
    super();
    this.events = Object.fromEntries(names.map(name => [name, `consumer.${name.toLowerCase()}`]));
  }

  run = (config: RunConfig): Promise<void> => {
    this.#config = config;
    return Promise.resolve();
  };
  seek: (place: { topic: string; partition: number; offset: string }) => void = () => undefined;
  paused = () => [{ topic: 'orders', partitions: [...this.#paused] }];
  commitOffsets = async (offsets: readonly { topic: string; partition: number; offset: string }[]) => {
    await Promise.resolve();
    const topics = offsets.map(({ topic, ...place }) => ({ topic, partitions: [place] }));
    this.report('COMMIT_OFFSETS', { topics });
  };

  /** In kafkajs, a partition stays paused while another member owns it. */
  pause(partition: number): void {
    this.#paused.add(partition);
  }
  resume(partition: number): void {
    this.#paused.delete(partition);
  }

  report(name: EventName, payload: object = {}): void {
    this.emitEvent(name, { payload });
  }
  /** Emits any value as an event. */
  emitEvent(name: EventName, event: unknown): void {
    this.emit(this.events[name] ?? name, event);
  }
  /** The names of events, once for each listener. */
  observed(): EventName[] {
    return EVENTS.flatMap(name =>
      Array.from({ length: this.listenerCount(this.events[name] ?? name) }, () => name),
    );
  }

  joins(...partitions: number[]): void {
    this.report('GROUP_JOIN', { memberAssignment: { orders: partitions } });
  }

  /**
   * Fetches records of partition 0 and calls the handler.
   *
   * @returns what the handler returned
   */
  async fetches(highWatermark: number, ...records: FetchedRecord[]): Promise<unknown[]> {
    const place = { topic: 'orders', partition: 0 };
    const batch = {
      ...place,
      highWatermark: String(highWatermark),
      firstOffset: records[0]?.offset,
      lastOffset: records.at(-1)?.offset,
      batchSize: records.length,
    };
    this.report('START_BATCH_PROCESS', batch);
    const { eachMessage, eachBatch } = this.#config;
    const results: unknown[] = [];
    if (eachMessage) for (const message of records) results.push(await eachMessage({ ...place, message }));
    else
      results.push(
        await eachBatch?.({ batch: { ...place, messages: records }, resolveOffset: () => undefined }),
      );
    this.report('END_BATCH_PROCESS', batch);
    return results;
  }
}

interface ScriptedTransaction {
  readonly send: (record: { topic: string; messages: object[] }) => Promise<unknown>;
  readonly sendOffsets: (offsets: object) => Promise<void>;
  readonly commit: () => Promise<void>;
  readonly abort: () => Promise<void>;
}

const send: ScriptedTransaction['send'] = ({ topic }) =>
  Promise.resolve([{ topicName: topic, partition: 0, errorCode: 0 }]);

/** A producer whose sends and transactions succeed. */
export class ScriptedProducer {
  readonly events = {};
  send = send;
  sendBatch = () => Promise.resolve([]);
  transaction = (): Promise<ScriptedTransaction> =>
    Promise.resolve({
      send,
      sendOffsets: () => Promise.resolve(),
      commit: () => Promise.resolve(),
      abort: () => Promise.resolve(),
    });
  disconnect = () => Promise.resolve();
}

/** Instruments scripted clients. The test reads the metrics of their meter provider. */
export function useScripted() {
  const instrumentations: KafkaInstrumentation[] = [];
  const sdks: Measured[] = [];
  afterEach(async () => {
    for (const instrumentation of instrumentations.splice(0)) instrumentation.disable();
    await Promise.all(sdks.splice(0).map(({ provider }) => provider.shutdown()));
  });
  return ({
    config = {},
    tracerProvider,
    isMeasured = true,
  }: {
    config?: KafkaInstrumentationConfig;
    tracerProvider?: TracerProvider;
    isMeasured?: boolean;
  } = {}) => {
    const sdk = measured();
    sdks.push(sdk);
    const instrumentation = new KafkaInstrumentation(config);
    instrumentations.push(instrumentation);
    if (isMeasured) instrumentation.setMeterProvider(sdk.provider);
    if (tracerProvider) instrumentation.setTracerProvider(tracerProvider);
    class Kafka {
      producer() {
        return new ScriptedProducer();
      }
      consumer() {
        return new ScriptedConsumer();
      }
    }
    instrumentation.instrumentModule({ Kafka });
    const kafka = new Kafka() as {
      producer(): ScriptedProducer;
      consumer(options: object): ScriptedConsumer;
    };
    const values = async (name: string, temporality: 'cumulative' | 'delta' = 'delta') =>
      (await sdk.read(name, temporality)).map(({ value }: Point) => value);
    return {
      instrumentation,
      sdk,
      values,
      producer: kafka.producer(),
      consumer: kafka.consumer({ groupId: 'billing' }),
    };
  };
}
