import { randomBytes } from 'node:crypto';
import { KafkaJsInstrumentation } from '../../../src';
import { loadCopy } from '../captured/copy';
import type { WireRecord } from '../captured/wire';
import type { Mutant } from '../planting';
import { difference, unlike, unlikeRecords } from '../run/compare';
import { observe, type Observation, type Program } from '../run/observe';
import type { Compared } from '../run/world';
import { TOPIC } from './programs';
import { Reader } from './reader';
import { sideless } from './sideless';

/** A bare and an instrumented copy of kafkajs on one real Kafka, each with a topic of its own. */
export class BrokerWorld {
  readonly #copies = { bare: loadCopy(), instrumented: loadCopy(), reader: loadCopy() };
  readonly #instrumentation = new KafkaJsInstrumentation();
  readonly #suffixes: { readonly bare: string; readonly instrumented: string };
  readonly #reader: Reader;
  // A session gives up on a call soon after the last timer; an answer of the broker's is one to wait for.
  readonly #timer = setInterval(() => undefined, 60_000);

  /** Programs that do not end twice alike even without the instrumentation. */
  unsteady = 0;
  /** Records that were compared. */
  records = 0;

  /** Set once records did not come: the topics are of no more use, and nothing can be told of smaller programs either. */
  #isSpoiled = false;

  constructor(brokers: readonly string[]) {
    const id = randomBytes(4).toString('hex');
    this.#suffixes = { bare: `bare-${id}`, instrumented: `inst-${id}` };
    const topics = Object.values(this.#suffixes).map(suffix => `${TOPIC}-${suffix}`);
    this.#reader = new Reader(this.#copies.reader, brokers, topics, id);
    this.#instrumentation.instrumentModule(this.#copies.instrumented.kafkajs);
    const [bare, instrumented] = [this.#copies.bare, this.#copies.instrumented].map(({ kafkajs }) =>
      String(Object.getOwnPropertyDescriptor(kafkajs.Kafka.prototype, 'producer')?.value),
    );
    // The hook of an instrumentation that was enabled before would have taken all copies.
    if (bare === instrumented) throw new Error('the bare copy is not bare');
  }

  open(): Promise<void> {
    return this.#reader.open();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reader.close();
  }

  async compare(program: Program, mutant?: Mutant): Promise<Compared> {
    if (this.#isSpoiled) return { bare: NOTHING, found: undefined };
    this.#instrumentation.setConfig({ ...program.setting.options });
    const first = await this.#pair(program, mutant);
    if (first.found === undefined) return first;
    const second = await this.#pair(program, mutant);
    const isSteady =
      difference(first.bare, second.bare, { injects: false }) === undefined &&
      unlike('records', first.records, second.records) === undefined;
    if (isSteady && second.found !== undefined) return first;
    this.unsteady++;
    return { bare: first.bare, found: undefined };
  }

  async #pair(program: Program, mutant: Mutant | undefined): Promise<Pair> {
    const { injects } = program.setting;
    const bare = await this.#observe('bare', program);
    const instrumented = await this.#observe('instrumented', program, mutant);
    const [records = [], others = []] = await this.#reader.records().catch((error: unknown) => {
      this.#isSpoiled = true;
      throw new Error('a record that was written did not come', { cause: error });
    });
    this.records += records.length;
    const found =
      difference(bare, instrumented, { injects }) ??
      (injects ? unlikeRecords('topic', records, others) : unlike('records', records, others)) ??
      (records.length > 0 && isRefused(bare)
        ? `${records.length} records of calls that were all rejected`
        : undefined);
    return { bare, records, found };
  }

  async #observe(side: 'bare' | 'instrumented', program: Program, mutant?: Mutant): Promise<Observation> {
    const suffix = this.#suffixes[side];
    const length = await this.#reader.length(`${TOPIC}-${suffix}`);
    return sideless(await observe(program, this.#copies[side], suffix, mutant), suffix, length);
  }
}

const NOTHING: Observation = { calls: [], log: [], requests: [], unhandled: [], objects: [] };

interface Pair extends Compared {
  readonly records: readonly WireRecord[];
}

function isRefused({ calls }: Observation): boolean {
  const sends = calls.filter(([name]) => name === 'send' || name === 'sendBatch');
  return sends.every(([, how]) => how === 'rejected' || how === 'threw');
}
