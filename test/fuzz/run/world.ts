import { KafkaJsInstrumentation } from '../../../src';
import { loadCopy, loadWrappedCopy } from '../captured/copy';
import type { Mutant } from '../mutants';
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
    this.#collect = collect;
    this.#instrumentation = new KafkaJsInstrumentation();
    for (const { bare, instrumented } of [this.#copies, this.#wrapped]) {
      const { producer } = bare.kafkajs.Kafka.prototype;
      this.#instrumentation.instrumentModule(instrumented.kafkajs);
      if (bare.kafkajs.Kafka.prototype.producer !== producer) throw new Error('the bare copy is not bare');
    }
    watchStrays();
  }

  /** Runs a program bare and instrumented, one after the other, and tells what is not the same. */
  async compare(program: Program, mutant?: Mutant): Promise<Compared> {
    // Some state is kept by topic and outlives a program: the pause of injection after an oversized message.
    const copies = program.isWrapped ? this.#wrapped : this.#copies;
    const suffix = String(++this.#programs);
    const { options, injects } = program.setting;
    this.#instrumentation.setConfig({ ...options });
    const bare = await observe(program, copies.bare, suffix);
    const before = this.seen.started - this.seen.ended;
    const instrumented = await observe(program, copies.instrumented, suffix, mutant);
    await this.#collect();
    const open = this.seen.started - this.seen.ended - before;
    const own = program.setting.classes.includes('active span') ? 1 : 0;
    const found =
      difference(bare, instrumented, { injects }) ??
      // A call that kafkajs never answers has a span that never ends.
      (open > own && !bare.calls.some(([, how]) => how === 'pending') ? `${open - own} spans were left open` : undefined);
    return { bare, found };
  }
}

export interface Compared {
  readonly bare: Observation;
  readonly found: string | undefined;
}
