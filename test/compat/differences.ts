import { compareVersions } from '../support/kafka/versions';
import type { Step, Variant } from './expected';
import type { Versions } from './versions';

/** The versions that something is about, from the first to the last; a dimension that is left out stands for all. */
interface Range {
  readonly kafkajs: readonly [first: string, last: string];
  readonly kafka?: readonly [first: string, last: string];
}

/** Something that kafkajs does otherwise, with or without us. */
export interface Difference extends Range {
  readonly step: Step;
  /** What the program says of the step instead, bare and instrumented alike. */
  readonly said: unknown;
  /** Which spans the step has instead; left out: none are expected, and what there is of it is not looked at. */
  readonly spans?: Variant;
  /** For the table. */
  readonly why: string;
}

/** A kafkajs and a broker that do not understand each other; without us neither. */
export interface Refusal extends Range {
  readonly why: string;
}

const KAFKA_4 = ['4.0', '5'] as const;

export const REFUSALS: readonly Refusal[] = [
  { kafkajs: ['1.4.0', '1.4.999'], kafka: KAFKA_4, why: 'Kafka 4 closes the connection, bare too' },
];

export const DIFFERENCES: readonly Difference[] = [
  {
    kafkajs: ['1.4.0', '1.4.0'],
    step: 'batch',
    said: { seen: [['a'], ['b']] },
    spans: 'batches of one',
    why: 'hands over one record batch at a time',
  },
  {
    kafkajs: ['1.4.0', '1.4.999'],
    step: 'transaction',
    said: 'absent',
    why: 'no transactions before 1.5',
  },
  {
    kafkajs: ['1.5.0', '1.7.999'],
    kafka: KAFKA_4,
    step: 'admin',
    said: { failed: 'KafkaJSConnectionError: Closed connection' },
    why: 'Kafka 4 refuses its `createTopics`, bare too',
  },
];

type Pair = Pick<Versions, 'kafkajs' | 'kafka'>;

/** The differences that a row has. */
export const differencesOf = (pair: Pair): readonly Difference[] =>
  DIFFERENCES.filter(difference => isAbout(difference, pair));

/** Why a row cannot work at all. */
export const refusalOf = (pair: Pair): Refusal | undefined =>
  REFUSALS.find(refusal => isAbout(refusal, pair));

const isAbout = (range: Range, { kafkajs, kafka }: Pair): boolean =>
  within(kafkajs, range.kafkajs) && (range.kafka === undefined || within(kafka, range.kafka));

const within = (version: string, [first, last]: readonly [string, string]): boolean =>
  compareVersions(version, first) >= 0 && compareVersions(version, last) <= 0;
