/**
 * What is used of kafkajs, as minimal interfaces of our own: nothing here imports it, so the published types do not ask
 * for it, and nothing is assumed that is not checked.
 */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Any object whose methods are wrapped: a producer, a consumer, a transaction, a prototype. */
export type Methods = Record<string, unknown>;

/** The `Kafka` class. */
export interface KafkaClass {
  readonly prototype: Methods;
}

/** kafkajs's module exports, by `require` or as an ES module namespace. */
export interface KafkaModule {
  readonly Kafka?: unknown;
  readonly default?: unknown;
}

export function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

export function isKafkaClass(value: unknown): value is KafkaClass {
  if (typeof value !== 'function') return false;
  const prototype = value.prototype as Methods | undefined;
  return isMethod(prototype?.['producer']) && isMethod(prototype['consumer']);
}
