import type { Arbitrary } from 'fast-check';
import type { BrokerComparer } from '../broker/comparer';
import type { Mutant } from '../mutant';
import type { CapturedComparer } from './comparer';
import type { Program } from './observe';

export interface KafkaModule {
  readonly kafkajs: { readonly Kafka: { readonly prototype: object } };
}

/** A client library, and how the fuzzer uses it. `Loaded` is a copy of the library. */
export interface FuzzedClient<Loaded extends KafkaModule> {
  readonly name: string;
  /** Additional arguments for the command that reproduces a difference. */
  readonly command: string;
  /** The section of test/README.md with the results of this library. */
  readonly section: string;
  /** True if the results are one row of a table. */
  readonly isSummarized: boolean;
  readonly mutants: readonly Mutant[];
  /** Faults that only the records on the broker show. */
  readonly brokerMutants: readonly Mutant[];
  /** A mutant without a fault. If the test detects it, the test itself is wrong. */
  readonly control: Mutant;
  readonly compared: string;
  captured(): CapturedComparer<Loaded>;
  programs(kind?: string): Arbitrary<Program<Loaded>>;
  onBroker(brokers: readonly string[]): BrokerComparer<Loaded>;
  brokerPrograms(brokers: readonly string[]): Arbitrary<Program<Loaded>>;
}
