import { setImmediate as turn } from 'node:timers/promises';
import { types } from 'node:util';
import type { Admin, Consumer, Kafka, Producer } from 'kafkajs';
import { capture, type Capture, type Reply, type Request } from '../captured/cluster';
import type { Copy } from '../captured/copy';
import type { StoredTopic } from '../captured/topics';
import { image } from '../values/image';
import { OwnedObjects } from '../values/owned';
import type { Mutant } from '../mutant';

/** One observed event. */
export type Entry = readonly [what: string, ...details: unknown[]];

/** Maximum time until a promise settles, in milliseconds. Retries of kafkajs wait only 1 ms. */
const TIMEOUT = 2000;

/**
 * Maximum time without an active timer, in milliseconds. Not 0, because Node.js does not report work in threads, such as
 * compression.
 */
const MAX_IDLE_TIME = 200;

/** Creates the kafkajs clients of a program for one run, and records what the program can notice. */
export class Session {
  readonly owned: OwnedObjects;
  readonly log: Entry[] = [];
  readonly requests: Request[] = [];
  /** For each call: whether it threw, and how its result settled. */
  readonly calls: Entry[] = [];
  readonly copy: Copy;
  readonly #mutant: Mutant | undefined;

  constructor(copy: Copy, suffix: string, mutant?: Mutant) {
    this.copy = copy;
    this.owned = new OwnedObjects(suffix);
    this.#mutant = mutant;
  }

  kafka(to: {
    readonly topics: readonly StoredTopic[];
    readonly replies?: Readonly<Partial<Record<string, readonly Reply[]>>>;
    readonly drained?: () => void;
  }): Kafka {
    const { Kafka, logLevel } = this.copy.kafkajs;
    const kafka = new Kafka({
      brokers: ['captured:9092'],
      clientId: 'program',
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 1, maxRetryTime: 1, factor: 0, retries: 1 },
    });
    const replies = Object.fromEntries(
      Object.entries(to.replies ?? {}).map(([api, list = []]) => [api, [...list]]),
    );
    const capturing: Capture = {
      copy: this.copy,
      topics: to.topics,
      replies,
      committed: new Map(),
      drained: to.drained ?? (() => undefined),
      seen: request => {
        if (!NOT_COMPARED.has(request.api)) {
          this.requests.push(request);
          this.note('request', this.requests.length - 1, request.api);
        }
      },
    };
    capture(kafka, capturing);
    return kafka;
  }

  /** Adds the mutant, if there is one, to a client of the program. */
  producer(made: Producer): Producer {
    this.#mutant?.applyTo(made);
    return made;
  }
  consumer(made: Consumer): Consumer {
    this.#mutant?.applyTo(made);
    return made;
  }
  admin(made: Admin): Admin {
    this.#mutant?.applyTo(made);
    return made;
  }

  note(what: string, ...details: unknown[]): void {
    this.log.push([what, ...details.map(detail => image(detail, this.owned))]);
  }

  /** Makes a call and records its outcome. If the program forgets the promise, a rejection stays unhandled. */
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
      return settledWithin(TIMEOUT, ended).catch(() => undefined);
    }
    return settledWithin(TIMEOUT, promise).then(
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

/** True if awaiting the value has an effect. A value whose `then` property throws counts too, because awaiting it rejects. */
function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return true;
  }
}

/** Requests that kafkajs sends by itself. Their number depends on timing. */
const NOT_COMPARED = new Set(['ApiVersions', 'Metadata', 'Fetch', 'Heartbeat', 'GroupCoordinator']);

/**
 * Waits for a promise. Gives up if no timer is active, because then the promise can never settle. This happens in kafkajs if an
 * error is not an object.
 */
async function settledWithin<Value>(limit: number, promise: Promise<Value>): Promise<Value> {
  let isSettled = false as boolean;
  const settled = () => {
    isSettled = true;
  };
  promise.then(settled, settled);
  const begun = performance.now();
  let active = begun;
  while (!isSettled) {
    await turn();
    const now = performance.now();
    if (process.getActiveResourcesInfo().includes('Timeout')) active = now;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have settled during the turn
    if (!isSettled && (now - active > MAX_IDLE_TIME || now - begun > limit)) throw STILL_PENDING;
  }
  return promise;
}

/** Compare only by identity. The reason of a rejection may be a Proxy that throws on any access. */
const STILL_PENDING = new Error('still pending');
