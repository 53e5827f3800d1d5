import { isDeepStrictEqual } from 'node:util';
import { KafkaJsInstrumentation } from '../../../src';
import type { Mutant } from '../mutant';
import type { KafkaModule } from './client';
import { difference } from './compare';
import { observe, recordUnhandledErrors, type Observation, type Program } from './observe';
import { startSdk, type SdkActivity } from './sdk';

/** Two copies of a client library. */
export interface Copies<Loaded> {
  readonly bare: Loaded;
  readonly instrumented: Loaded;
}

/** Runs programs with a bare and with an instrumented copy of a client library, without a network. */
export class CapturedComparer<Loaded extends KafkaModule> {
  readonly #copies: Copies<Loaded>;
  readonly #wrapped: Copies<Loaded>;
  readonly activity: SdkActivity;
  readonly #instrumentation: KafkaJsInstrumentation;
  readonly #collect: () => Promise<unknown>;
  #programs = 0;

  /** @param wrapped - copies for programs that wrap the clients of the library */
  constructor(copies: Copies<Loaded>, wrapped = copies) {
    this.#copies = copies;
    this.#wrapped = wrapped;
    const { activity, collect } = startSdk();
    this.activity = activity;
    this.#collect = () => collect();
    this.#instrumentation = new KafkaJsInstrumentation();
    for (const { bare, instrumented } of new Set([copies, wrapped])) {
      const factories = Object.getOwnPropertyDescriptors(bare.kafkajs.Kafka.prototype);
      this.#instrumentation.instrumentModule(instrumented.kafkajs);
      const afterwards = Object.getOwnPropertyDescriptors(bare.kafkajs.Kafka.prototype);
      if (!isDeepStrictEqual(afterwards, factories)) throw new Error('The bare copy was patched too');
    }
    recordUnhandledErrors();
  }

  /** Ends the patching of copies that are loaded later. */
  close(): void {
    this.#instrumentation.disable();
  }

  /** Number of programs whose results vary even without instrumentation, because of timers or threads. */
  nondeterministic = 0;

  /** Runs a program bare and instrumented. Reports a difference only if a second pair of runs differs too. */
  async compare(program: Program<Loaded>, mutant?: Mutant): Promise<Comparison> {
    // Use unique topics. After an oversized message, the instrumentation stops adding headers for its topic, also in
    // later programs.
    const suffix = String(++this.#programs);
    this.#instrumentation.setConfig({ ...program.setting.options });
    const first = await this.#pair(program, suffix, mutant);
    if (first.found === undefined) return first;
    const second = await this.#pair(program, suffix, mutant);
    if (difference(first.bare, second.bare, { injects: false }) === undefined && second.found !== undefined)
      return first;
    this.nondeterministic++;
    return { bare: first.bare, found: undefined };
  }

  async #pair(program: Program<Loaded>, suffix: string, mutant: Mutant | undefined): Promise<Comparison> {
    const { injects, classes } = program.setting;
    const copies = program.isWrapped ? this.#wrapped : this.#copies;
    const bare = await observe(program, copies.bare, suffix);
    const before = this.activity.started - this.activity.ended;
    const instrumented = await observe(program, copies.instrumented, suffix, mutant);
    await this.#collect();
    // Do not count the active span, which the test creates and never ends.
    const open =
      this.activity.started - this.activity.ended - before - (classes.includes('active span') ? 1 : 0);
    // Calls that never settle and transactions that never end have open spans.
    const mayBeOpen = program.isWrapped || bare.calls.some(([, how]) => how === 'pending');
    const found =
      difference(bare, instrumented, { injects }) ??
      (open > 0 && !mayBeOpen ? `${open} spans were left open` : undefined);
    return { bare, found };
  }
}

export interface Comparison {
  readonly bare: Observation;
  readonly found: string | undefined;
}
