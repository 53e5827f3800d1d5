import { compareVersions } from '../support/kafka/versions';
import type { Step } from './expected';
import type { Versions } from './versions';

/** What a version of kafkajs does not do, with or without us. */
export interface Difference {
  /** The releases it is about, from the first to the last. */
  readonly kafkajs: readonly [first: string, last: string];
  /** The brokers it is about; left out: all. */
  readonly kafka?: readonly [first: string, last: string];
  readonly step: Step;
  /** What the program says of the step instead, bare and instrumented alike. */
  readonly said: unknown;
  /** For the table. */
  readonly why: string;
}

export const DIFFERENCES: readonly Difference[] = [];

/** The differences that a row has. */
export const differencesOf = ({
  kafkajs,
  kafka,
}: Pick<Versions, 'kafkajs' | 'kafka'>): readonly Difference[] =>
  DIFFERENCES.filter(
    difference =>
      within(kafkajs, difference.kafkajs) &&
      (difference.kafka === undefined || within(kafka, difference.kafka)),
  );

const within = (version: string, [first, last]: readonly [string, string]): boolean =>
  compareVersions(version, first) >= 0 && compareVersions(version, last) <= 0;
