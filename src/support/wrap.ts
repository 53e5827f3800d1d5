import shimmer from 'shimmer';

export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** An object whose methods are wrapped: a client, a transaction or a prototype. */
export type Methods = Record<string, unknown>;

export function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/**
 * Replaces a method by a wrapper with the same name and length. Does nothing if there is no such method.
 *
 * @returns a function that restores the original, unless other code has wrapped the method again
 */
export function wrapMethod(owner: Methods, name: string, wrapper: (original: Method) => Method): () => void {
  const original = owner[name];
  if (!isMethod(original)) return () => undefined;
  const isInherited = !Object.hasOwn(owner, name);
  shimmer.wrap(owner as Record<string, Method>, name, wrapper);
  const wrapped = owner[name] as Method;
  copySignature(original, wrapped);
  // With this mark, another OpenTelemetry instrumentation would unwrap the method and so remove our wrapper.
  Reflect.deleteProperty(wrapped, '__wrapped');
  return () => {
    if (owner[name] !== wrapped) return;
    if (isInherited) Reflect.deleteProperty(owner, name);
    else shimmer.unwrap(owner as Record<string, Method>, name);
  };
}

/** Gives a wrapper the name and the number of parameters of the original. */
export function copySignature(original: Method, wrapper: Method): Method {
  Object.defineProperty(wrapper, 'name', { value: original.name, configurable: true });
  return Object.defineProperty(wrapper, 'length', { value: original.length, configurable: true });
}
