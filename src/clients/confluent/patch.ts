import type { ClientInfo, ErrorReader, TracedMethods } from '../../core/port';
import type { Runtime } from '../../runtime';
import { isObject } from '../../support/copies';
import { attempt } from '../../support/guard';
import { isMethod, wrapMethod, type Method, type Methods } from '../../support/wrap';
import { wrapOperations } from '../shared/admin';
import { FactoryPatch, isKafkaClass, type FactoryName, type KafkaClass } from '../shared/factory-patch';
import { clientInfo } from './client';
import { instrumentConsumer } from './consumer';
import { errorReader } from './errors';
import { instrumentProducer } from './producer';

export interface PromiseApi {
  readonly Kafka: KafkaClass;
  /** Codes of librdkafka's errors by name, such as `ERR__STATE`. */
  readonly ErrorCodes: Readonly<Record<string, number>>;
}

/** Finds the promise API in the exports of the package, of its inner file, or in an ES module namespace. */
export function promiseApiOf(moduleExports: unknown): PromiseApi | undefined {
  if (!isObject(moduleExports)) return undefined;
  const inner = moduleExports['default'];
  const candidates = [
    moduleExports,
    moduleExports['KafkaJS'],
    isObject(inner) ? inner['KafkaJS'] : undefined,
    inner,
  ];
  return candidates.find(isPromiseApi);
}

function isPromiseApi(value: unknown): value is PromiseApi {
  return isObject(value) && isKafkaClass(value['Kafka']) && isObject(value['ErrorCodes']);
}

/** `transaction()` resolves with the producer itself, so these are methods of the producer. */
const TRANSACTION = ['send', 'sendBatch', 'sendOffsets', 'commit', 'abort'];

export const TRACED_METHODS: TracedMethods = {
  producer: ['transaction', ...TRANSACTION],
  transaction: TRANSACTION,
  consumer: ['run', 'commitOffsets'],
  handlers: ['eachMessage', 'eachBatch'],
  // This method is traced, because it calls `commitOffsets` of the consumer.
  payload: ['commitOffsetsIfNecessary'],
  admin: 'all',
};

export class ConfluentPatch extends FactoryPatch<unknown> {
  readonly #errors: ErrorReader;

  constructor(runtime: Runtime, { Kafka, ErrorCodes }: PromiseApi, beforeClient?: () => void) {
    super(runtime, Kafka, TRACED_METHODS, beforeClient);
    this.#errors = errorReader(ErrorCodes);
  }

  protected override create(_name: FactoryName, original: Method, kafka: unknown, args: unknown[]) {
    return { client: original.apply(kafka, args), origin: args[0] };
  }

  protected override instrument(name: FactoryName, client: Methods, config: unknown): void {
    const info = clientInfo(new WeakRef(client), config, this.#errors);
    if (name === 'admin') {
      instrumentAdmin(this.runtime, client, info);
      return;
    }
    const instrument = name === 'producer' ? instrumentProducer : instrumentConsumer;
    instrument(this.runtime, client, info);
    wrapMethod(client, 'dependentAdmin', original => {
      const { runtime } = this;
      return function (this: unknown, ...args: unknown[]): unknown {
        const admin = original.apply(this, args);
        attempt(runtime, 'admin', () => {
          if (isObject(admin)) instrumentAdmin(runtime, admin, info);
        });
        return admin;
      };
    });
  }
}

function instrumentAdmin(runtime: Runtime, admin: Methods, info: ClientInfo): void {
  const prototype = Object.getPrototypeOf(admin) as object;
  const names = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  wrapOperations(
    runtime,
    admin,
    info,
    // Only property descriptors are read here, because a getter may throw.
    names.flatMap(([name, { value }]) => (isMethod(value) ? name : [])),
  );
}
