import type { LibraryPatch, TracedMethods } from '../../core/port';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { sharedState } from '../../support/shared-state';
import { isMethod, wrapMethod, type Method, type Methods } from '../../support/wrap';

/** The methods of a `Kafka` class that create clients. */
export type FactoryName = 'producer' | 'consumer' | 'admin';

export const FACTORY_NAMES: readonly FactoryName[] = ['producer', 'consumer', 'admin'];

/** The search for our wrapper looks through at most this many nested wrappers. */
const MAX_WRAPPERS = 32;

export interface KafkaClass {
  readonly prototype: Methods;
}

export function isKafkaClass(value: unknown): value is KafkaClass {
  if (typeof value !== 'function') return false;
  const prototype = value.prototype as Methods | undefined;
  return isMethod(prototype?.['producer']) && isMethod(prototype['consumer']);
}

/**
 * Maps each `Kafka` class to the patch that traces it. A program may create several instrumentations, for example one by
 * preloading and one in its own code. Only the last one traces the class, so that no message gets two spans.
 */
const owners = sharedState('owners', () => new WeakMap<Methods, object>());

/**
 * A call of `producer()`, `consumer()` or `admin()` in progress, with the clients created in it. One call may run through
 * several of our wrappers, for example if a class and its subclass are both patched. Only the outermost wrapper instruments
 * the client, because the program gets the object that this wrapper returns.
 */
interface FactoryCall {
  readonly name: FactoryName;
  readonly made: Map<object, unknown>;
}

/** Maps each `Kafka` instance to its calls in progress. The innermost call is last. */
const callsInProgress = sharedState('calls', () => new WeakMap<object, FactoryCall[]>());

/**
 * Contains all instrumented clients. A client is instrumented only once, even if it passes through several wrappers.
 */
const instrumented = sharedState('instrumented', () => new WeakSet());

/**
 * Patches one `Kafka` class. A program may load several copies of a library, each with its own class.
 *
 * `Origin` is what the code for a library stores about the call that created a client.
 */
export abstract class FactoryPatch<Origin> implements LibraryPatch {
  protected readonly prototype: Methods;
  readonly #wrappers = new Map<FactoryName, { readonly wrapper: unknown; readonly restore: () => void }>();

  constructor(
    protected readonly runtime: Runtime,
    kafkaClass: KafkaClass,
    private readonly tracedMethods: TracedMethods,
    private readonly beforeClient: () => void = () => undefined,
  ) {
    this.prototype = kafkaClass.prototype;
  }

  /**
   * The methods by which a client of this kind is recognised. Empty for admin clients, because their methods differ between
   * releases.
   */
  protected methodsOf(name: FactoryName): readonly string[] {
    const methods = this.tracedMethods[name];
    return methods === 'all' ? [] : methods;
  }

  /** Must call `original` exactly once. */
  protected abstract create(
    name: FactoryName,
    original: Method,
    kafka: unknown,
    args: unknown[],
  ): { readonly client: unknown; readonly origin: Origin };

  protected abstract instrument(name: FactoryName, client: Methods, origin: Origin): void;

  /**
   * Returns the program's own `Kafka` instance. Override this if `kafka` may be an object that inherits from that instance.
   */
  protected instanceOf(kafka: unknown): unknown {
    return kafka;
  }

  /**
   * Called with each new wrapper. A subclass implements this method if it must distinguish our wrappers from the
   * library's methods.
   */
  protected wrapped?(wrapper: Method, original: Method): void;

  patch(): void {
    owners.set(this.prototype, this);
    for (const name of FACTORY_NAMES) {
      if (this.#isInPlace(name)) continue;
      const restore = wrapMethod(this.prototype, name, original => this.#wrapFactory(name, original));
      this.#wrappers.set(name, { wrapper: this.prototype[name], restore });
    }
  }

  unpatch(): void {
    if (owners.get(this.prototype) === this) owners.delete(this.prototype);
    for (const { restore } of this.#wrappers.values()) restore();
  }

  /**
   * True if our wrapper is installed. It may be inside another package's wrapper, if that wrapper exposes the wrapped method.
   */
  #isInPlace(name: FactoryName): boolean {
    const ours = this.#wrappers.get(name)?.wrapper;
    let current: unknown = this.prototype[name];
    for (let depth = 0; depth < MAX_WRAPPERS && typeof current === 'function'; depth++) {
      if (current === ours) return true;
      current = (current as { __original?: unknown }).__original;
    }
    return false;
  }

  #wrapFactory(name: FactoryName, original: Method): Method {
    const create = (kafka: unknown, args: unknown[]): unknown => {
      const { runtime } = this;
      const owner = owners.get(this.prototype);
      const instance = this.instanceOf(kafka);
      if (!isObject(instance) || !runtime.isEnabled || (owner !== undefined && owner !== this))
        return original.apply(kafka, args);
      const call: FactoryCall = { name, made: new Map() };
      const { client, origin } = trackCall(instance, call, () => this.create(name, original, kafka, args));
      attempt(runtime, name, () => {
        const outer = callsInProgress
          .get(instance)
          ?.filter(each => each.name === name)
          .at(-1);
        for (const [each, from] of this.#clientsToInstrument(client, origin, call)) {
          if (outer) outer.made.set(each, from);
          else this.#instrumentOnce(name, each, from as Origin);
        }
      });
      return client;
    };
    const wrapper = function (this: unknown, ...args: unknown[]): unknown {
      return create(this, args);
    };
    this.wrapped?.(wrapper, original);
    return wrapper;
  }

  #instrumentOnce(name: FactoryName, client: object, origin: Origin): void {
    if (instrumented.has(client)) return;
    instrumented.add(client);
    attempt(this.runtime, 'metrics', this.beforeClient);
    this.instrument(name, client as Methods, origin);
  }

  /**
   * Returns the clients to instrument, each with its `Origin`. `client` is the value that the factory call has
   * returned.
   */
  #clientsToInstrument(
    client: unknown,
    origin: Origin,
    { name, made }: FactoryCall,
  ): ReadonlyMap<object, unknown> {
    if (!isObject(client) || made.has(client)) return made;
    if (made.size === 0) return new Map([[client, origin]]);
    // Another package's wrapper returned its own object instead of the client. If this object is a copy of the client,
    // instrument the copy. Otherwise the object calls the client's methods, so instrument the client.
    const copied = [...made].find(([each]) => this.#isCopyOf(client, each as Methods, name));
    if (!copied) return made;
    const clients = new Map([...made, [client, copied[1]]]);
    clients.delete(copied[0]);
    return clients;
  }

  #isCopyOf(client: Methods, other: Methods, name: FactoryName): boolean {
    return (
      !instrumented.has(other) &&
      client['connect'] === other['connect'] &&
      this.methodsOf(name).every(method => !isMethod(other[method]) || isMethod(client[method]))
    );
  }
}

function trackCall<Result>(kafka: object, call: FactoryCall, run: () => Result): Result {
  const calls = callsInProgress.get(kafka) ?? [];
  callsInProgress.set(kafka, calls);
  calls.push(call);
  try {
    return run();
  } finally {
    calls.pop();
  }
}
