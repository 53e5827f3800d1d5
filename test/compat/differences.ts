import { compareVersions } from '../support/kafka/versions';
import type { Step, Variant } from './expected';
import type { Versions } from './versions';

/** Version ranges, inclusive. Without `kafka`: all Kafka versions. */
interface Range {
  readonly kafkajs: readonly [first: string, last: string];
  readonly kafka?: readonly [first: string, last: string];
}

/** What some kafkajs versions do differently, bare and instrumented. */
export interface Difference extends Range {
  readonly step: Step;
  /** The program's output for the step. */
  readonly output: unknown;
  /** The spans of the step. Default: none, and the spans of a failing step are not checked. */
  readonly spans?: Variant;
  /** Note in the table. */
  readonly why: string;
}

/** An incompatible pair of kafkajs and Kafka versions. */
export interface Refusal extends Range {
  readonly why: string;
}

const KAFKA_4 = ['4.0', '5'] as const;

export const REFUSALS: readonly Refusal[] = [
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

/** The differences that apply to a row. */
export const differencesOf = (pair: Pair): readonly Difference[] =>
  DIFFERENCES.filter(difference => appliesTo(difference, pair));

/** Why a row cannot work. */
export const refusalOf = (pair: Pair): Refusal | undefined =>
  REFUSALS.find(refusal => appliesTo(refusal, pair));

const appliesTo = (range: Range, { kafkajs, kafka }: Pair): boolean =>
  isInRange(kafkajs, range.kafkajs) && (range.kafka === undefined || isInRange(kafka, range.kafka));

const isInRange = (version: string, [first, last]: readonly [string, string]): boolean =>
  compareVersions(version, first) >= 0 && compareVersions(version, last) <= 0;
