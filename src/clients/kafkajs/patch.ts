import type { ClientInfo, TracedMethods } from '../../core/port';
import type { Runtime } from '../../runtime';
import { attempt } from '../../support/guard';
import type { Method, Methods } from '../../support/wrap';
import {
  FACTORY_NAMES,
  FactoryPatch,
  isKafkaClass,
  type FactoryName,
  type KafkaClass,
} from '../shared/factory-patch';
import { wrapOperations } from '../shared/admin';
import { callFactory, clientInfo, programInstance, rememberFactory } from './client';
import { instrumentConsumer } from './consumer';
import { observeRequests } from './events';
import { rememberInnerRequires } from './inner-requires';
import { evictOfficial, isOfficialWrapper } from './official';
import { observePartitioner } from './partitioner';
import { instrumentProducer } from './producer';

export type { KafkaClass };

export const TRACED_METHODS: TracedMethods = {
  producer: ['send', 'sendBatch', 'transaction'],
  transaction: ['send', 'sendBatch', 'sendOffsets', 'commit', 'abort'],
  consumer: ['run', 'commitOffsets'],
  handlers: ['eachMessage', 'eachBatch'],
  payload: ['commitOffsetsIfNecessary'],
  admin: 'all',
};

const INSTRUMENT = {
  producer: instrumentProducer,
  consumer: instrumentConsumer,
  admin: instrumentAdmin,
} as const;

function instrumentAdmin(runtime: Runtime, admin: Methods, client: ClientInfo): void {
  observeRequests(runtime, admin);
  wrapOperations(runtime, admin, client, Object.keys(admin));
}

interface ModuleExports {
  readonly Kafka?: unknown;
  readonly default?: unknown;
}

/** Finds the `Kafka` class in the exports of kafkajs, in those of its `src/index.js`, or in an ES module namespace. */
export function kafkaClassOf(moduleExports: unknown): KafkaClass | undefined {
  if (isKafkaClass(moduleExports)) return moduleExports;
  const { Kafka, default: inner } = { ...(moduleExports as ModuleExports | undefined) };
  if (isKafkaClass(Kafka)) return Kafka;
  const nested = (inner as ModuleExports | undefined)?.Kafka;
  return isKafkaClass(nested) ? nested : undefined;
}

interface Origin {
  /** kafkajs's private cluster object. */
  readonly cluster: unknown;
  readonly group: string | undefined;
}

export class KafkaJsPatch extends FactoryPatch<Origin> {
  #forgetInnerRequires: (() => void) | undefined;

  constructor(
    runtime: Runtime,
    private readonly kafkaClass: KafkaClass,
    beforeClient?: () => void,
  ) {
    super(runtime, kafkaClass, TRACED_METHODS, beforeClient);
  }

  /**
   * Wraps the factories and removes wrappers of the official kafkajs instrumentation. The hook of the official
   * instrumentation may run after ours and wrap our wrappers. So `patch` is called again on the next tick and when a client
   * is created.
   */
  override patch(): void {
    for (const name of FACTORY_NAMES) if (evictOfficial(this.prototype, name)) this.#warnOfOfficial();
    super.patch();
    this.#forgetInnerRequires ??= attempt(this.runtime, 'inner requires', () =>
      rememberInnerRequires(this.kafkaClass),
    );
  }

  override unpatch(): void {
    super.unpatch();
    this.#forgetInnerRequires?.();
    this.#forgetInnerRequires = undefined;
  }

  protected override instanceOf(kafka: unknown): unknown {
    return programInstance(kafka);
  }

  protected override wrapped(wrapper: Method, original: Method): void {
    rememberFactory(wrapper, original);
  }

  protected override create(name: FactoryName, original: Method, kafka: unknown, args: unknown[]) {
    const passed = name === 'producer' ? observePartitioner(this.runtime, args) : args;
    const { client, cluster } = callFactory(original, kafka, passed);
    return { client, origin: { cluster, group: groupOf(args[0]) } };
  }

  protected override instrument(name: FactoryName, client: Methods, { cluster, group }: Origin): void {
    const info: ClientInfo =
      attempt(this.runtime, 'cluster', () => clientInfo(cluster, group)) ?? clientInfo(undefined, group);
    const evict = () => {
      const evicted = this.methodsOf(name).filter(method => evictOfficial(client, method));
      if (evicted.length > 0) this.#warnOfOfficial();
    };
    evict();
    INSTRUMENT[name](this.runtime, client, info);
    // If the official wrapper of this factory has called ours, it wraps the client after we return. So that wrapper is
    // removed on the next tick.
    if (isOfficialWrapper(this.prototype[name])) this.patch();
    process.nextTick(() => {
      attempt(this.runtime, name, evict);
    });
  }

  #warnOfOfficial(): void {
    this.runtime.log.warn(
      'official',
      '@opentelemetry/instrumentation-kafkajs is active too and would create a second span per message, so it was ' +
        'switched off. To avoid this warning, disable it: ' +
        "getNodeAutoInstrumentations({ '@opentelemetry/instrumentation-kafkajs': { enabled: false } }).",
    );
  }
}

/** Never throws, although `options` may be anything, even a Proxy that throws. */
function groupOf(options: unknown): string | undefined {
  try {
    const group = (options as { groupId?: unknown } | null | undefined)?.groupId;
    return typeof group === 'string' ? group : undefined;
  } catch {
    return undefined;
  }
}
