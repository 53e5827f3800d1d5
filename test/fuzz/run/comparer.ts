import { isDeepStrictEqual } from 'node:util';
import { KafkaJsInstrumentation } from '../../../src';
import { loadCopy, loadWrappedCopy } from '../captured/copy';
import type { Mutant } from '../mutant';
import { difference } from './compare';
import { observe, recordUnhandledErrors, type Observation, type Program } from './observe';
import { startSdk, type SdkActivity } from './sdk';

/** Runs programs on a bare and on an instrumented copy of kafkajs. Both run without a network. */
export class CapturedComparer {
  readonly #copies = { bare: loadCopy(), instrumented: loadCopy() };
  readonly #wrapped = { bare: loadWrappedCopy(), instrumented: loadWrappedCopy() };
  readonly activity: SdkActivity;
  readonly #instrumentation: KafkaJsInstrumentation;
  readonly #collect: () => Promise<unknown>;
  #programs = 0;

  constructor() {
    const { activity, collect } = startSdk();
    this.activity = activity;
    this.#collect = () => collect();
    this.#instrumentation = new KafkaJsInstrumentation();
    for (const { bare, instrumented } of [this.#copies, this.#wrapped]) {
      const factories = Object.getOwnPropertyDescriptors(bare.kafkajs.Kafka.prototype);
      this.#instrumentation.instrumentModule(instrumented.kafkajs);
      const afterwards = Object.getOwnPropertyDescriptors(bare.kafkajs.Kafka.prototype);
      if (!isDeepStrictEqual(afterwards, factories))
        throw new Error('The bare copy of kafkajs was patched too');
    }
    recordUnhandledErrors();
  }

  /** From now on, copies of kafkajs that are loaded are not patched. */
  close(): void {
    this.#instrumentation.disable();
  }

  /** Number of programs whose result varies even without instrumentation, because of timers or threads. */
  nondeterministic = 0;

  /** Runs a program bare and instrumented. Reports a difference only if a second attempt shows one too. */
  async compare(program: Program, mutant?: Mutant): Promise<Comparison> {
    // Use new topic names for every program. After a too large message, the instrumentation pauses injection for the topic, which
    // would affect later programs.
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

  async #pair(program: Program, suffix: string, mutant: Mutant | undefined): Promise<Comparison> {
    const { injects, classes } = program.setting;
    const copies = program.isWrapped ? this.#wrapped : this.#copies;
    const bare = await observe(program, copies.bare, suffix);
    const before = this.activity.started - this.activity.ended;
    const instrumented = await observe(program, copies.instrumented, suffix, mutant);
    await this.#collect();
    // Do not count the active span: the test creates it and never ends it.
    const open =
      this.activity.started - this.activity.ended - before - (classes.includes('active span') ? 1 : 0);
    // Open spans are allowed if kafkajs never settles a call, or if the program never ends a transaction.
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
