import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Methods } from '../mutant';
import { capturedAddon, type Addon, type Cluster } from './addon';

/** The part of the promise API that the tests use. */
export interface PromiseApi {
  readonly Kafka: { new (...config: unknown[]): Factories; readonly prototype: object };
  readonly logLevel: { readonly NOTHING: number };
}

export interface Factories {
  producer(...config: unknown[]): Methods;
  consumer(...config: unknown[]): Methods;
  admin(...config: unknown[]): Methods;
}

/** A copy of Confluent's client with its own classes, so patching it does not affect other copies. */
export interface ConfluentCopy {
  readonly kafkajs: PromiseApi;
  /** The imitated cluster for new clients. A copy with the real binding does not use it. */
  readonly captured: { cluster?: Cluster };
}

/**
 * Loads a new copy of Confluent's client from a lab folder. Node.js loads the binding of librdkafka only once, so all
 * copies share it.
 *
 * @param isCaptured - replaces the binding by an imitation without a network
 */
export function loadConfluentCopy(
  lab: string,
  { isCaptured }: { readonly isCaptured: boolean },
): ConfluentCopy {
  const load = createRequire(join(lab, 'program.cjs'));
  const name = '@confluentinc/kafka-javascript';
  const folder = join(load.resolve(`${name}/package.json`), '..');
  const binding = join(folder, 'librdkafka.js');
  const real = load(binding) as Addon;
  for (const file of Object.keys(load.cache))
    if (file.startsWith(join(folder, 'lib', '/'))) Reflect.deleteProperty(load.cache, file);
  const captured: ConfluentCopy['captured'] = {};
  const cached = load.cache[binding] as NodeJS.Module;
  cached.exports = isCaptured ? capturedAddon(real, captured) : real;
  try {
    return { kafkajs: (load(name) as { KafkaJS: PromiseApi }).KafkaJS, captured };
  } finally {
    cached.exports = real;
  }
}
