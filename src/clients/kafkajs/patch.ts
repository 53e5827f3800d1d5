import type { ClientInfo, LibraryPatch } from '../../core/port';
import type { Runtime } from '../../runtime';
import { attempt } from '../../support/guard';
import { isObject } from '../../support/copies';
import { sharedState } from '../../support/shared-state';
import { isMethod, wrapMethod, type Method, type Methods } from '../../support/wrap';
import { instrumentAdmin } from './admin';
import { callFactory, clientInfo, programInstance, rememberFactory } from './client';
import { instrumentConsumer } from './consumer';
import { rememberInnerRequires } from './inner-requires';
import { evictOfficial, isOfficialWrapper } from './official';
import { observePartitioner } from './partitioner';
import { instrumentProducer } from './producer';

/** The factories of `Kafka.prototype`: how each client is instrumented, and by which methods it is recognised. */
const FACTORIES = {
  producer: { instrument: instrumentProducer, methods: ['send', 'sendBatch', 'transaction'] },
  consumer: { instrument: instrumentConsumer, methods: ['run'] },
  admin: { instrument: instrumentAdmin, methods: [] },
} as const;

type FactoryName = keyof typeof FACTORIES;

const FACTORY_NAMES = Object.keys(FACTORIES) as FactoryName[];

/** How far a chain of wrappers is followed to find ours. */
const MAX_WRAPPERS = 32;

/** The `Kafka` class of kafkajs. */
export interface KafkaClass {
  readonly prototype: Methods;
}

interface ModuleExports {
  readonly Kafka?: unknown;
  readonly default?: unknown;
}

/** Finds the class in the exports of kafkajs, of its inner module, or of an ES module namespace. */
export function kafkaClassOf(moduleExports: unknown): KafkaClass | undefined {
  if (isKafkaClass(moduleExports)) return moduleExports;
  const { Kafka, default: inner } = { ...(moduleExports as ModuleExports | undefined) };
  if (isKafkaClass(Kafka)) return Kafka;
  const nested = (inner as ModuleExports | undefined)?.Kafka;
  return isKafkaClass(nested) ? nested : undefined;
}

function isKafkaClass(value: unknown): value is KafkaClass {
  if (typeof value !== 'function') return false;
  const prototype = value.prototype as Methods | undefined;
  return isMethod(prototype?.['producer']) && isMethod(prototype['consumer']);
}

/**
 * The instrumentation that traces a `Kafka` class, if there are several (one preloaded, one in the program's own list): the
 * last one that patched it, so that every message has one span.
 */
const owners = sharedState('owners', () => new WeakMap<Methods, object>());

/** What a client was made from. */
interface Origin {
  /** kafkajs's private cluster object. */
  readonly cluster: unknown;
  readonly options: unknown;
}

/**
 * A factory call in progress, and the clients that our wrappers below it have made. There are several wrappers when a class
 * and its subclass are both patched, or when a foreign wrapper hides ours. The outermost one instruments the client, as the
 * program gets it.
 */
interface FactoryCall {
  readonly name: FactoryName;
  readonly made: Map<object, Origin>;
}

/** The calls in progress of each `Kafka` instance, the innermost last. */
const callsInProgress = sharedState('calls', () => new WeakMap<object, FactoryCall[]>());

/** A client is instrumented once, however many classes and wrappers it passed. */
const instrumented = sharedState('instrumented', () => new WeakSet());

/** The patch of one `Kafka` class. A program may hold several copies of kafkajs. */
export class KafkaJsPatch implements LibraryPatch {
  readonly #prototype: Methods;
  #forgetInnerRequires: (() => void) | undefined;
  readonly #wrappers = new Map<FactoryName, { readonly wrapper: unknown; readonly restore: () => void }>();

  /** @param beforeClient - called before each client is instrumented */
  constructor(
    private readonly runtime: Runtime,
    private readonly kafkaClass: KafkaClass,
    private readonly beforeClient: () => void = () => undefined,
  ) {
    this.#prototype = kafkaClass.prototype;
  }

  /**
   * Wraps the factories unless they are wrapped. The official instrumentation is removed where it is found. Its hook may run
   * after ours and wrap on top, so this is called again on the next tick, and when a client is made under it.
   */
  patch(): void {
    owners.set(this.#prototype, this);
    for (const name of FACTORY_NAMES) {
      if (evictOfficial(this.#prototype, name)) this.#warnOfOfficial();
      if (this.#isInPlace(name)) continue;
      const restore = wrapMethod(this.#prototype, name, original => this.#wrapFactory(name, original));
      this.#wrappers.set(name, { wrapper: this.#prototype[name], restore });
    }
    this.#forgetInnerRequires ??= attempt(this.runtime, 'inner requires', () =>
      rememberInnerRequires(this.kafkaClass),
    );
  }

  unpatch(): void {
    if (owners.get(this.#prototype) === this) owners.delete(this.#prototype);
    for (const { restore } of this.#wrappers.values()) restore();
    this.#forgetInnerRequires?.();
    this.#forgetInnerRequires = undefined;
  }

  /** True if our wrapper is in the chain: outermost, or below wrappers that name what they wrap. */
  #isInPlace(name: FactoryName): boolean {
    const ours = this.#wrappers.get(name)?.wrapper;
    let current: unknown = this.#prototype[name];
    for (let depth = 0; depth < MAX_WRAPPERS && typeof current === 'function'; depth++) {
      if (current === ours) return true;
      current = (current as { __original?: unknown }).__original;
    }
    return false;
  }

  #wrapFactory(name: FactoryName, original: Method): Method {
    const create = (kafka: unknown, args: unknown[]): unknown => {
      const { runtime } = this;
      const owner = owners.get(this.#prototype);
      const instance = programInstance(kafka);
      if (!isObject(instance) || !runtime.isEnabled || (owner !== undefined && owner !== this))
        return original.apply(kafka, args);
      const call: FactoryCall = { name, made: new Map() };
      const passed = name === 'producer' ? observePartitioner(runtime, args) : args;
      const { client, cluster } = trackCall(instance, call, () => callFactory(original, kafka, passed));
      attempt(runtime, name, () => {
        const clients = clientsToInstrument(client, { cluster, options: args[0] }, call);
        const outer = callsInProgress
          .get(instance)
          ?.filter(each => each.name === name)
          .at(-1);
        for (const [each, origin] of clients) {
          if (outer) outer.made.set(each, origin);
          else this.#instrumentOnce(name, each, origin);
        }
      });
      return client;
    };
    const wrapper = function (this: unknown, ...args: unknown[]): unknown {
      return create(this, args);
    };
    rememberFactory(wrapper, original);
    return wrapper;
  }

  #instrumentOnce(name: FactoryName, client: object, { cluster, options }: Origin): void {
    if (instrumented.has(client)) return;
    instrumented.add(client);
    const { runtime } = this;
    attempt(runtime, 'metrics', this.beforeClient);
    const group = groupOf(options);
    const info =
      attempt(runtime, 'cluster', () => clientInfo(cluster, group)) ?? clientInfo(undefined, group);
    this.#instrument(name, client as Methods, info);
  }

  #instrument(name: FactoryName, client: Methods, info: ClientInfo): void {
    const { instrument, methods } = FACTORIES[name];
    const evict = () => {
      const evicted = methods.filter(method => evictOfficial(client, method));
      if (evicted.length > 0) this.#warnOfOfficial();
    };
    evict();
    instrument(this.runtime, client, info);
    // An official factory that called ours wraps this client when we return. It is removed on the next tick.
    if (isOfficialWrapper(this.#prototype[name])) this.patch();
    process.nextTick(() => {
      attempt(this.runtime, name, evict);
    });
  }

  #warnOfOfficial(): void {
    this.runtime.log.warn(
      'official',
      '@opentelemetry/instrumentation-kafkajs is active too. Both together would make two spans per message, so it was ' +
        "removed. Leave it out: getNodeAutoInstrumentations({ '@opentelemetry/instrumentation-kafkajs': { enabled: false } }).",
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

/** The clients to instrument after a call that returned `client`, each with its origin. */
function clientsToInstrument(
  client: unknown,
  origin: Origin,
  { name, made }: FactoryCall,
): ReadonlyMap<object, Origin> {
  if (!isObject(client) || made.has(client)) return made;
  if (made.size === 0) return new Map([[client, origin]]);
  // A foreign wrapper returned an object of its own. If that is a copy of the client, its methods are the ones to wrap; any
  // other object calls the client's methods.
  const copied = [...made].find(([each]) => isCopyOf(client as Methods, each as Methods, name));
  if (!copied) return made;
  const clients = new Map([...made, [client, copied[1]]]);
  clients.delete(copied[0]);
  return clients;
}

function isCopyOf(client: Methods, other: Methods, name: FactoryName): boolean {
  return (
    !instrumented.has(other) &&
    client['connect'] === other['connect'] &&
    FACTORIES[name].methods.every(method => isMethod(client[method]))
  );
}

function groupOf(options: unknown): string | undefined {
  const group = (options as { groupId?: unknown } | null | undefined)?.groupId;
  return typeof group === 'string' ? group : undefined;
}
