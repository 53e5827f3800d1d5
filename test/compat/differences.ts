import { compareVersions } from '../support/kafka/versions';
import type { Step, Variant } from './expected';
import type { Versions } from './versions';

/** A range of versions, including its ends. Without `kafka`, all Kafka versions. */
interface Range {
  readonly kafkajs: readonly [first: string, last: string];
  readonly kafka?: readonly [first: string, last: string];
}

/** A known deviation of some kafkajs versions. It also occurs without instrumentation. */
export interface Difference extends Range {
  readonly step: Step;
  /** What the program prints for this step. */
  readonly output: unknown;
  /** The spans of this step. By default, no spans are expected. The spans of a failing step are not checked. */
  readonly spans?: Variant;
  /** Text for the table in test/compat/README.md. */
  readonly why: string;
}

/** Versions of kafkajs and Kafka that do not work together. */
export interface Incompatibility extends Range {
  readonly why: string;
}

const KAFKA_4 = ['4.0', '5'] as const;

export const INCOMPATIBILITIES: readonly Incompatibility[] = [
  {
    kafkajs: ['1.4.0', '1.4.999'],
    kafka: KAFKA_4,
    why: 'kafkajs alone fails too: Kafka 4 closes the connection',
  },
];

export const DIFFERENCES: readonly Difference[] = [
  {
    kafkajs: ['1.4.0', '1.4.0'],
    step: 'batch',
    output: { seen: [['a'], ['b']] },
    spans: 'batches of one',
    why: 'the handler gets only one record batch at a time',
  },
  {
    kafkajs: ['1.4.0', '1.4.999'],
    step: 'transaction',
    output: 'absent',
    why: 'no transactions before 1.5',
  },
  {
    kafkajs: ['1.5.0', '1.7.999'],
    kafka: KAFKA_4,
    step: 'admin',
    output: { failed: 'KafkaJSConnectionError: Closed connection' },
    why: 'kafkajs alone fails too: Kafka 4 rejects its `createTopics` request',
  },
];

type Pair = Pick<Versions, 'kafkajs' | 'kafka'>;

/** Returns the deviations that apply to these versions. */
export const differencesOf = (pair: Pair): readonly Difference[] =>
  DIFFERENCES.filter(difference => appliesTo(difference, pair));

/** Returns why these versions cannot work together, or undefined if they can. */
export const incompatibilityOf = (pair: Pair): Incompatibility | undefined =>
  INCOMPATIBILITIES.find(incompatibility => appliesTo(incompatibility, pair));

const appliesTo = (range: Range, { kafkajs, kafka }: Pair): boolean =>
  isInRange(kafkajs, range.kafkajs) && (range.kafka === undefined || isInRange(kafka, range.kafka));

const isInRange = (version: string, [first, last]: readonly [string, string]): boolean =>
  compareVersions(version, first) >= 0 && compareVersions(version, last) <= 0;
