import { setImmediate as turn } from 'node:timers/promises';
import { types } from 'node:util';
import type { Request } from '../captured/cluster';
import type { WireRecord } from '../captured/wire';
import { image } from '../values/image';
import { OwnedObjects } from '../values/owned';
import type { Methods, Mutant } from '../mutant';

/** One observed event. */
export type Entry = readonly [what: string, ...details: unknown[]];

/** Maximum time for a promise to settle, in milliseconds. Retries wait 1 ms. */
const TIMEOUT = 2000;

/**
 * Maximum time without an active timer, in milliseconds. Not 0, because Node.js does not report work in threads, such
 * as compression, as active.
 */
const MAX_IDLE_TIME = 200;

/**
 * A turn of the event loop counts as this many milliseconds at most. This is longer than a turn without work. So turns
 * with much work, and pauses of the process on a busy machine, use up little of the time.
 */
const MAX_TURN_TIME = 0.1;

/** Records what a program observes in one run. `Loaded` is a copy of the client library. */
export class Session<Loaded> {
  readonly owned: OwnedObjects;
  readonly log: Entry[] = [];
  readonly requests: Request[] = [];
  /** Messages that the library passed to the imitated binding of librdkafka. */
  readonly produced: WireRecord[] = [];
  /** For each call: whether it threw, and how its result settled. */
  readonly calls: Entry[] = [];
  readonly copy: Loaded;
  readonly #mutant: Mutant | undefined;

  constructor(copy: Loaded, suffix: string, mutant?: Mutant) {
    this.copy = copy;
    this.owned = new OwnedObjects(suffix);
    this.#mutant = mutant;
  }

  /** Registers a client of the program and applies the mutant, if there is one. */
  client<Client extends object>(made: Client): Client {
    this.owned.identify(made);
    this.#mutant?.applyTo(made as Methods);
    return made;
  }

  note(what: string, ...details: unknown[]): void {
    this.log.push([what, ...details.map(detail => image(detail, this.owned))]);
  }

  /** Makes a call and records its outcome. If the program forgets the promise, its rejection stays unhandled. */
  async call(name: string, make: () => unknown, isForgotten = false): Promise<unknown> {
    const index = this.calls.length;
    const record = (...details: unknown[]) => {
      this.calls[index] = [name, ...details];
    };
    record('pending');
    let returned: unknown;
    try {
      returned = make();
    } catch (error) {
      record('threw', image(error, this.owned));
      return undefined;
    }
    if (!isThenable(returned)) {
      record('returned', image(returned, this.owned));
      return returned;
    }
    const promise = types.isPromise(returned) ? returned : Promise.resolve(returned);
    if (isForgotten) {
      record('forgotten');
      const ended = new Promise<void>(resolve => {
        void promise.finally(resolve);
      });
      return settled(ended).catch(() => undefined);
    }
    return settled(promise).then(
      value => {
        record('resolved', image(value, this.owned));
        return value;
      },
      (error: unknown) => {
        if (error === STILL_PENDING) return undefined;
        record('rejected', image(error, this.owned));
        return undefined;
      },
    );
  }
}

/**
 * True if awaiting the value has an effect. This includes a value whose property `then` throws, because awaiting it
 * rejects.
 */
function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return true;
  }
}

/**
 * Waits for a promise. Gives up if no timer is active, because then the promise can never settle. In kafkajs, this
 * happens if an error is not an object.
 */
async function settled<Value>(promise: Promise<Value>): Promise<Value> {
  let isSettled = false as boolean;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  let waited = 0;
  let idle = 0;
  let last = performance.now();
  while (!isSettled) {
    await turn();
    const now = performance.now();
    const spent = Math.min(now - last, MAX_TURN_TIME);
    last = now;
    waited += spent;
    idle = process.getActiveResourcesInfo().includes('Timeout') ? 0 : idle + spent;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have settled during the turn
    if (!isSettled && (idle > MAX_IDLE_TIME || waited > TIMEOUT)) throw STILL_PENDING;
  }
  return promise;
}

/** Compare this error only by identity. Another reason of a rejection may be a Proxy that throws on any access. */
const STILL_PENDING = new Error('still pending');
