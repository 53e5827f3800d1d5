import { shared } from '../shared';
import type { ClientFacts } from '../telemetry/client';
import { attempt, type Telemetry } from '../telemetry/telemetry';
import { instrumentAdmin } from './admin';
import { callFactory, clientFacts, ownInstance, rememberFactory } from './cluster';
import { instrumentConsumer } from './consumer';
import { watchPartitioner } from './partitioner';
import { instrumentProducer } from './producer';
import { rememberRequires } from './requires';
import {
  isKafkaClass,
  isMethod,
  type KafkaClass,
  type KafkaModule,
  type Method,
  type Methods,
} from './types';
import { evictOfficial, isOfficialWrapper, wrapMethod } from './wrap';

/** The factories of `Kafka.prototype`, and what is done with the client that each returns. */
const FACTORIES = {
  producer: { instrument: instrumentProducer, methods: ['send', 'sendBatch', 'transaction'] },
  consumer: { instrument: instrumentConsumer, methods: ['run'] },
  admin: { instrument: instrumentAdmin, methods: [] },
} as const;

type Factory = keyof typeof FACTORIES;

const NAMES = Object.keys(FACTORIES) as Factory[];

/** How far a chain of wrappers is followed to find ours. */
const MAX_WRAPPERS = 32;

/**
 * Which instrumentation makes the spans of a `Kafka` class, should there be several (one preloaded, one in the program's
 * own list): the last that patched it, so that every message has one span.
 */
const owners = shared('owners', () => new WeakMap<Methods, object>());

/** What a client was made of: kafkajs's private cluster, and the options. */
interface Origin {
  readonly cluster: unknown;
  readonly options: unknown;
}

/**
 * A call of a factory that is under way, and the clients that wrappers of ours have made in it. These are several where a class
 * and its subclass are both patched, or where somebody's wrapper hides ours: the outermost instruments the client, as the program
 * gets it.
 */
interface Call {
  readonly name: Factory;
  readonly made: Map<object, Origin>;
}

/** The calls under way of each `Kafka` instance, the innermost last. */
const underWay = shared('calls', () => new WeakMap<object, Call[]>());

/** One client is instrumented once, whatever classes and wrappers it has come through. */
const instrumented = shared('instrumented', () => new WeakSet());

/** The `Kafka` class in what `require('kafkajs')`, `import * as kafkajs` or kafkajs's own inner module exports. */
export function kafkaClassOf(moduleExports: unknown): KafkaClass | undefined {
  if (isKafkaClass(moduleExports)) return moduleExports;
  const { Kafka, default: inner } = { ...(moduleExports as KafkaModule | undefined) };
  if (isKafkaClass(Kafka)) return Kafka;
  const nested = (inner as KafkaModule | undefined)?.Kafka;
  return isKafkaClass(nested) ? nested : undefined;
}

/** One patched `Kafka` class. A program may hold several copies of kafkajs, and each has its own. */
export class PatchedClass {
  readonly #telemetry: Telemetry;
  readonly #beforeClient: () => void;
  readonly #class: KafkaClass;
  readonly #prototype: Methods;
  #forgetRequires: (() => void) | undefined;
  readonly #wrappers = new Map<Factory, { readonly ours: unknown; readonly undo: () => void }>();

  constructor(telemetry: Telemetry, kafkaClass: KafkaClass, beforeClient: () => void = () => undefined) {
    this.#telemetry = telemetry;
    this.#beforeClient = beforeClient;
    this.#class = kafkaClass;
    this.#prototype = kafkaClass.prototype;
  }

  /**
   * Wraps the factories, unless ours are there already. The official instrumentation, where it is found, gives way; when
   * its hook runs after ours it wraps on top, so this is called again on the next tick and whenever a client is made.
   */
  patch(): void {
    owners.set(this.#prototype, this);
    for (const name of NAMES) {
      if (evictOfficial(this.#prototype, name)) this.#warnOfOfficial();
      if (this.#isInPlace(name)) continue;
      const undo = wrapMethod(this.#prototype, name, original => this.#wrapFactory(name, original));
      this.#wrappers.set(name, { ours: this.#prototype[name], undo });
    }
    this.#forgetRequires ??= attempt(this.#telemetry, 'requires', () => rememberRequires(this.#class));
  }

  unpatch(): void {
    if (owners.get(this.#prototype) === this) owners.delete(this.#prototype);
    // A wrapper that somebody has wrapped in turn stays, and passes through.
    for (const { undo } of this.#wrappers.values()) undo();
    this.#forgetRequires?.();
    this.#forgetRequires = undefined;
  }

  /** Whether our wrapper is in the chain: outermost, or under wrappers that tell what they wrap. */
  #isInPlace(name: Factory): boolean {
    const ours = this.#wrappers.get(name)?.ours;
    let current: unknown = this.#prototype[name];
    for (let depth = 0; depth < MAX_WRAPPERS && typeof current === 'function'; depth++) {
      if (current === ours) return true;
      current = (current as { __original?: unknown }).__original;
    }
    return false;
  }

  #wrapFactory(name: Factory, original: Method): Method {
    const create = (kafka: unknown, args: unknown[]): unknown => {
      const owner = owners.get(this.#prototype);
      const instance = ownInstance(kafka);
      if (!isObject(instance) || !this.#telemetry.enabled || (owner !== undefined && owner !== this))
        return original.apply(kafka, args);
      const call: Call = { name, made: new Map() };
      const passed = name === 'producer' ? watchPartitioner(this.#telemetry, args) : args;
      const { client, cluster } = whileUnderWay(instance, call, () => callFactory(original, kafka, passed));
      attempt(this.#telemetry, name, () => {
        const clients = clientsOf(client, { cluster, options: args[0] }, call);
        const outer = underWay
          .get(instance)
          ?.filter(each => each.name === name)
          .at(-1);
        for (const [each, origin] of clients)
          if (outer) outer.made.set(each, origin);
          else this.#instrumentOnce(name, each, origin);
      });
      return client;
    };
    const wrapper = function (this: unknown, ...args: unknown[]): unknown {
      return create(this, args);
    };
    rememberFactory(wrapper, original);
    return wrapper;
  }

  #instrumentOnce(name: Factory, client: object, { cluster, options }: Origin): void {
    if (instrumented.has(client)) return;
    instrumented.add(client);
    attempt(this.#telemetry, 'metrics', this.#beforeClient);
    const group = groupOf(options);
    const facts = attempt(this.#telemetry, 'cluster', () => clientFacts(cluster, group));
    this.#instrument(name, client as Methods, facts ?? clientFacts(undefined, group));
  }

  #instrument(name: Factory, client: Methods, facts: ClientFacts): void {
    const { instrument, methods } = FACTORIES[name];
    const evict = () => {
      const evicted = methods.filter(method => evictOfficial(client, method));
      if (evicted.length > 0) this.#warnOfOfficial();
    };
    evict();
    instrument(this.#telemetry, client, facts);
    // An official factory that has called ours wraps this client once we return, and makes way as soon as it has.
    if (isOfficialWrapper(this.#prototype[name])) this.patch();
    process.nextTick(() => {
      attempt(this.#telemetry, name, evict);
    });
  }

  #warnOfOfficial(): void {
    this.#telemetry.log.warn(
      'official',
      '@opentelemetry/instrumentation-kafkajs is active too. Every message would have two spans, so this one takes its ' +
        "place. Leave it out: getNodeAutoInstrumentations({ '@opentelemetry/instrumentation-kafkajs': { enabled: false } }).",
    );
  }
}

function whileUnderWay<Result>(kafka: object, call: Call, run: () => Result): Result {
  const calls = underWay.get(kafka) ?? [];
  underWay.set(kafka, calls);
  calls.push(call);
  try {
    return run();
  } finally {
    calls.pop();
  }
}

/** The clients to instrument after a call that gave `client`, each with what it was made of. */
function clientsOf(client: unknown, origin: Origin, { name, made }: Call): ReadonlyMap<object, Origin> {
  if (!isObject(client) || made.has(client)) return made;
  if (made.size === 0) return new Map([[client, origin]]);
  // Somebody's wrapper gives an object of its own. Where that is a client like the one it was given, a copy for instance, its
  // methods are wrapped instead; any other calls that one's.
  const copied = [...made].find(([each]) => isCopyOf(client as Methods, each as Methods, name));
  if (!copied) return made;
  const clients = new Map([...made, [client, copied[1]]]);
  clients.delete(copied[0]);
  return clients;
}

function isCopyOf(client: Methods, other: Methods, name: Factory): boolean {
  return (
    !instrumented.has(other) &&
    client['connect'] === other['connect'] &&
    FACTORIES[name].methods.every(method => isMethod(client[method]))
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function groupOf(options: unknown): string | undefined {
  const group = (options as { groupId?: unknown } | null | undefined)?.groupId;
  return typeof group === 'string' ? group : undefined;
}
