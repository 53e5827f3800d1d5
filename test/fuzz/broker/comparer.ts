import { randomBytes } from 'node:crypto';
import { KafkaJsInstrumentation } from '../../../src';
import type { Copy } from '../captured/copy';
import type { WireRecord } from '../captured/wire';
import type { Mutant } from '../mutant';
import { difference, firstDifference, recordDifference } from '../run/compare';
import { observe, type Observation, type Program } from '../run/observe';
import type { KafkaModule } from '../run/client';
import type { Comparison, Copies } from '../run/comparer';
import { TOPIC } from './programs';
import { Reader } from './reader';
import { normalize } from './normalize';

export interface BrokerOptions {
  /** An uninstrumented copy of kafkajs, which reads the records. */
  readonly reader: Copy;
  /** True if a rejected call writes none of its messages. */
  readonly isRefusedWhole: boolean;
  /** Removes what differs between two runs from a record. */
  readonly comparable: (record: WireRecord) => WireRecord;
}

/** A difference counts only if it also appears in this many further runs of the program. */
const REPETITIONS = 4;

/** Runs programs on a bare and on an instrumented copy of a client library, each with its own topic on one real Kafka. */
export class BrokerComparer<Loaded extends KafkaModule> {
  readonly #copies: Copies<Loaded>;
  readonly #options: BrokerOptions;
  readonly #instrumentation = new KafkaJsInstrumentation();
  readonly #suffixes: { readonly bare: string; readonly instrumented: string };
  readonly #reader: Reader;
  // Keep a timer active. Without a timer, a session stops waiting for a call, but the broker may need time.
  readonly #timer = setInterval(() => undefined, 60_000);

  /** Number of programs whose results vary even without instrumentation. */
  nondeterministic = 0;
  /** Number of compared records. */
  records = 0;

  /**
   * True after records were missing. fast-check then cannot look for a smaller program, because the topics are no
   * longer usable.
   */
  #isUnusable = false;

  constructor(brokers: readonly string[], copies: Copies<Loaded>, options: BrokerOptions) {
    this.#copies = copies;
    this.#options = options;
    const id = randomBytes(4).toString('hex');
    this.#suffixes = { bare: `bare-${id}`, instrumented: `inst-${id}` };
    const topics = Object.values(this.#suffixes).map(suffix => `${TOPIC}-${suffix}`);
    this.#reader = new Reader(options.reader, brokers, topics, id);
    this.#instrumentation.instrumentModule(copies.instrumented.kafkajs);
    const [bare, instrumented] = [copies.bare, copies.instrumented].map(({ kafkajs }) =>
      String(Object.getOwnPropertyDescriptor(kafkajs.Kafka.prototype, 'producer')?.value),
    );
    // If another instrumentation is enabled, its require hook has patched all copies.
    if (bare === instrumented) throw new Error('The bare copy was patched too');
  }

  open(): Promise<void> {
    return this.#reader.open();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reader.close();
  }

  async compare(program: Program<Loaded>, mutant?: Mutant): Promise<Comparison> {
    if (this.#isUnusable) return { bare: NOTHING, found: undefined };
    this.#instrumentation.setConfig({ ...program.setting.options });
    const first = await this.#pair(program, mutant);
    if (first.found === undefined) return first;
    // Results may also depend on the speed of the broker. For example, an abort rejects only the messages that were not
    // sent yet.
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      const next = await this.#pair(program, mutant);
      const isDeterministic =
        difference(first.bare, next.bare, { injects: false }) === undefined &&
        firstDifference('records', first.records, next.records) === undefined;
      if (isDeterministic && next.found !== undefined) continue;
      this.nondeterministic++;
      return { bare: first.bare, found: undefined };
    }
    return first;
  }

  async #pair(program: Program<Loaded>, mutant: Mutant | undefined): Promise<Pair> {
    const { injects } = program.setting;
    const bare = await this.#observe('bare', program);
    const instrumented = await this.#observe('instrumented', program, mutant);
    const read = await this.#reader.records().catch((error: unknown) => {
      this.#isUnusable = true;
      throw new Error('A written record was not read in time', { cause: error });
    });
    const [records = [], others = []] = read.map(list => list.map(this.#options.comparable));
    this.records += records.length;
    const found =
      difference(bare, instrumented, { injects }) ??
      (injects ? recordDifference('topic', records, others) : firstDifference('records', records, others)) ??
      (this.#options.isRefusedWhole && records.length > 0 && isRefused(bare)
        ? `${records.length} records of calls that were all rejected`
        : undefined);
    return { bare, records, found };
  }

  async #observe(
    side: 'bare' | 'instrumented',
    program: Program<Loaded>,
    mutant?: Mutant,
  ): Promise<Observation> {
    const suffix = this.#suffixes[side];
    const length = await this.#reader.length(`${TOPIC}-${suffix}`);
    return normalize(await observe(program, this.#copies[side], suffix, mutant), suffix, length);
  }
}

const NOTHING: Observation = { calls: [], log: [], requests: [], produced: [], unhandled: [], objects: [] };

interface Pair extends Comparison {
  readonly records: readonly WireRecord[];
}

function isRefused({ calls }: Observation): boolean {
  const sends = calls.filter(([name]) => name === 'send' || name === 'sendBatch');
  return sends.every(([, how]) => how === 'rejected' || how === 'threw');
}
