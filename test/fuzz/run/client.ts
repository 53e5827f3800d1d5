import type { Arbitrary } from 'fast-check';
import type { BrokerComparer } from '../broker/comparer';
import type { Mutant } from '../mutant';
import type { CapturedComparer } from './comparer';
import type { Program } from './observe';

export interface KafkaModule {
  readonly kafkajs: { readonly Kafka: { readonly prototype: object } };
}

/** A client library, and what the fuzzer does with it. `Loaded` is a copy of it. */
export interface FuzzedClient<Loaded extends KafkaModule> {
  readonly name: string;
  /** Further arguments of the command that reproduces a difference. */
  readonly command: string;
  /** The section of test/README.md with its figures. */
  readonly section: string;
  /** True for figures of one row. */
  readonly isSummarized: boolean;
  readonly mutants: readonly Mutant[];
  /** Faults that only show in the broker's records. */
  readonly brokerMutants: readonly Mutant[];
  /** Has no fault: if it is caught, the comparison is wrong. */
  readonly control: Mutant;
  readonly compared: string;
  captured(): CapturedComparer<Loaded>;
  programs(kind?: string): Arbitrary<Program<Loaded>>;
  onBroker(brokers: readonly string[]): BrokerComparer<Loaded>;
  brokerPrograms(brokers: readonly string[]): Arbitrary<Program<Loaded>>;
}
