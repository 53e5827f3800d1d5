import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Methods } from '../mutant';
import { capturedAddon, type Addon, type Cluster } from './addon';

/** The used part of the promise API. */
export interface PromiseApi {
  readonly Kafka: { new (...config: unknown[]): Factories; readonly prototype: object };
  readonly logLevel: { readonly NOTHING: number };
}

/** A `Kafka` instance. */
export interface Factories {
  producer(...config: unknown[]): Methods;
  consumer(...config: unknown[]): Methods;
  admin(...config: unknown[]): Methods;
}

/** A copy of Confluent's client with its own classes, so patching it does not affect other copies. */
export interface ConfluentCopy {
  readonly kafkajs: PromiseApi;
  /** The cluster of the clients that are made from now on. Not used by a copy with the real binding. */
  readonly captured: { cluster?: Cluster };
}

/**
 * Loads a new copy of Confluent's client from a lab. All copies share one binding of librdkafka, which Node.js loads once.
 *
 * @param isCaptured - replaces the binding by one without a network
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
