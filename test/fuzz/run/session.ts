import { setImmediate as turn } from 'node:timers/promises';
import { types } from 'node:util';
import type { Admin, Consumer, Kafka, Producer } from 'kafkajs';
import { capture, type Capture, type Fate, type Request } from '../captured/cluster';
import type { Copy } from '../captured/copy';
import type { StoredTopic } from '../captured/topics';
import { image } from '../values/image';
import { Owned } from '../values/owned';
import type { Mutant } from '../planting';

/** One thing that was seen, in the order of its happening. */
export type Entry = readonly [what: string, ...details: unknown[]];

/** How long a promise may take, in milliseconds; kafkajs's retries are set to one of these. */
const PATIENCE = 2000;

/** How long, in milliseconds, nothing may be under way: compression runs in a thread of its own, which is seen nowhere. */
const QUIET = 200;

/** What a program runs against, once bare and once instrumented, and what is seen of it. */
export class Session {
  readonly owned: Owned;
  readonly log: Entry[] = [];
  readonly requests: Request[] = [];
  /** Of each call: whether it threw, and how what it returned has settled. */
  readonly calls: Entry[] = [];
  readonly copy: Copy;
  readonly #mutant: Mutant | undefined;

  constructor(copy: Copy, suffix: string, mutant?: Mutant) {
    this.copy = copy;
    this.owned = new Owned(suffix);
    this.#mutant = mutant;
  }

  kafka(to: {
    readonly topics: readonly StoredTopic[];
    readonly fates?: Readonly<Partial<Record<string, readonly Fate[]>>>;
    readonly drained?: () => void;
  }): Kafka {
    const { Kafka, logLevel } = this.copy.kafkajs;
    const kafka = new Kafka({
      brokers: ['captured:9092'],
      clientId: 'program',
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 1, maxRetryTime: 1, factor: 0, retries: 1 },
    });
    const fates = Object.fromEntries(
      Object.entries(to.fates ?? {}).map(([api, list = []]) => [api, [...list]]),
    );
    const capturing: Capture = {
      copy: this.copy,
      topics: to.topics,
      fates,
      committed: new Map(),
      drained: to.drained ?? (() => undefined),
      seen: request => {
        if (!UNTOLD.has(request.api)) {
          this.requests.push(request);
          this.note('request', this.requests.length - 1, request.api);
        }
      },
    };
    capture(kafka, capturing);
    return kafka;
  }

  /** The client that the program holds: between it and the instrumentation there may be a mutant. */
  producer(made: Producer): Producer {
    this.#mutant?.plant(made);
    return made;
  }
  consumer(made: Consumer): Consumer {
    this.#mutant?.plant(made);
    return made;
  }
  admin(made: Admin): Admin {
    this.#mutant?.plant(made);
    return made;
  }

  note(what: string, ...details: unknown[]): void {
    this.log.push([what, ...details.map(detail => image(detail, this.owned))]);
  }

  /**
   * Makes one call of the program and tells all of its outcome. A forgotten call leaves a rejection to nobody, as programs
   * do that only wait for the end.
   */
  async call(name: string, make: () => unknown, isForgotten = false): Promise<unknown> {
    const place = this.calls.length;
    const tell = (...details: unknown[]) => {
      this.calls[place] = [name, ...details];
    };
    tell('pending');
    let returned: unknown;
    try {
      returned = make();
    } catch (error) {
      tell('threw', this.#failure(error));
      return undefined;
    }
    if (!isThenable(returned)) {
      tell('returned', image(returned, this.owned));
      return returned;
    }
    const promise = types.isPromise(returned) ? returned : Promise.resolve(returned);
    if (isForgotten) {
      tell('forgotten');
      const ended = new Promise<void>(resolve => {
        void promise.finally(resolve);
      });
      return within(PATIENCE, ended).catch(() => undefined);
    }
    return within(PATIENCE, promise).then(
      value => {
        tell('resolved', image(value, this.owned));
        return value;
      },
      (error: unknown) => {
        if (error === STILL_PENDING) return undefined;
        tell('rejected', this.#failure(error));
        return undefined;
      },
    );
  }

  #failure(error: unknown): unknown {
    return image(error, this.owned);
  }
}

/** Whether awaiting a value is more than having it; one that cannot be asked rejects when it is awaited. */
function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return true;
  }
}

/** Housekeeping of kafkajs's whose number depends on how the event loop runs. */
const UNTOLD = new Set(['ApiVersions', 'Metadata', 'Fetch', 'Heartbeat', 'GroupCoordinator']);

/**
 * Waits for a promise, or until it cannot settle any more: with no timer left, nobody is there to settle it. kafkajs has such
 * ends, where its retrier stumbles over an error that is no object.
 */
async function within<Value>(limit: number, promise: Promise<Value>): Promise<Value> {
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
    if (!isSettled && (now - active > QUIET || now - begun > limit)) throw STILL_PENDING;
  }
  return promise;
}

/** Compared by identity: a reason may be a Proxy that throws at any other look. */
const STILL_PENDING = new Error('still pending');
