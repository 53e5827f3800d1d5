import { isDeepStrictEqual } from 'node:util';
import { KafkaJsInstrumentation } from '../../../src';
import { loadCopy, loadWrappedCopy } from '../captured/copy';
import type { Mutant } from '../planting';
import { difference } from './compare';
import { observe, watchStrays, type Observation, type Program } from './observe';
import { startSdk, type Seen } from './sdk';

/** Two copies of kafkajs in one process: one that nobody has touched, and one that is instrumented. */
export class World {
  readonly #copies = { bare: loadCopy(), instrumented: loadCopy() };
  readonly #wrapped = { bare: loadWrappedCopy(), instrumented: loadWrappedCopy() };
  readonly seen: Seen;
  readonly #instrumentation: KafkaJsInstrumentation;
  readonly #collect: () => Promise<unknown>;
  #programs = 0;

  constructor() {
    const { seen, collect } = startSdk();
    this.seen = seen;
    this.#collect = () => collect();
    this.#instrumentation = new KafkaJsInstrumentation();
    for (const { bare, instrumented } of [this.#copies, this.#wrapped]) {
      const factories = Object.getOwnPropertyDescriptors(bare.kafkajs.Kafka.prototype);
      this.#instrumentation.instrumentModule(instrumented.kafkajs);
      const afterwards = Object.getOwnPropertyDescriptors(bare.kafkajs.Kafka.prototype);
      if (!isDeepStrictEqual(afterwards, factories)) throw new Error('the bare copy is not bare');
    }
    watchStrays();
  }

  /** Leaves copies of kafkajs that are loaded from here on as they are. */
  close(): void {
    this.#instrumentation.disable();
  }

  /** Programs that do not even run twice alike by themselves: timers and threads decide. Such a difference is no one's. */
  unsteady = 0;

  /** Runs a program bare and instrumented, and tells what is not the same, if it is that in a second pair of runs too. */
  async compare(program: Program, mutant?: Mutant): Promise<Compared> {
    // Some state is kept by topic and outlives a program: the pause of injection after an oversized message.
    const suffix = String(++this.#programs);
    this.#instrumentation.setConfig({ ...program.setting.options });
    const first = await this.#pair(program, suffix, mutant);
    if (first.found === undefined) return first;
    const second = await this.#pair(program, suffix, mutant);
    if (difference(first.bare, second.bare, { injects: false }) === undefined && second.found !== undefined)
      return first;
    this.unsteady++;
    return { bare: first.bare, found: undefined };
  }

  async #pair(program: Program, suffix: string, mutant: Mutant | undefined): Promise<Compared> {
    const { injects, classes } = program.setting;
    const copies = program.isWrapped ? this.#wrapped : this.#copies;
    const bare = await observe(program, copies.bare, suffix);
    const before = this.seen.started - this.seen.ended;
    const instrumented = await observe(program, copies.instrumented, suffix, mutant);
    await this.#collect();
    // The span that surrounds the program is its own.
    const open = this.seen.started - this.seen.ended - before - (classes.includes('active span') ? 1 : 0);
    // A call that kafkajs never answers has a span that never ends, and so has a transaction that nobody ends.
    const mayBeOpen = program.isWrapped || bare.calls.some(([, how]) => how === 'pending');
    const found =
      difference(bare, instrumented, { injects }) ??
      (open > 0 && !mayBeOpen ? `${open} spans were left open` : undefined);
    return { bare, found };
  }
}

export interface Compared {
  readonly bare: Observation;
  readonly found: string | undefined;
}
