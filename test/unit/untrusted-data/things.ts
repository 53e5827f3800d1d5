import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The property names of the prototype before a test reads untrusted data. */
const untouched = Reflect.ownKeys(Object.prototype);

/** Fails if the prototype of all objects was changed. */
export function expectPrototypeUntouched(): void {
  expect(Reflect.ownKeys(Object.prototype)).toEqual(untouched);
  expect(Object.getPrototypeOf(Object.prototype)).toBeNull();
}

/** Returns a string that takes this much memory. A string of `repeat` would take almost none. */
export const megabytes = (count: number, letter = 'x'): string =>
  Buffer.alloc(count * 1024 * 1024, letter).toString('latin1');

/** Names that every object inherits, or that can change a prototype. */
export const INHERITED = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
];

const refuse = (): never => {
  throw new Error('a trap of the program');
};

/** A Proxy whose traps all throw. */
export const untouchable = (): object =>
  new Proxy({}, Object.fromEntries(Object.getOwnPropertyNames(Reflect).map(trap => [trap, refuse])));

/** An error with a property whose getter throws. */
export const unreadable = (property: string): Error =>
  Object.defineProperty(new Error('cannot be read'), property, { get: refuse });

/** Returns the object in a Proxy that counts property reads. */
export function counted<Original extends object>(
  original: Original,
): { seen: Original; reads: () => number } {
  let reads = 0;
  const seen = new Proxy(original, {
    get(target, property, receiver): unknown {
      reads++;
      return Reflect.get(target, property, receiver);
    },
  });
  return { seen, reads: () => reads };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Returns the memory in use after garbage collection, in megabytes. */
export function kept(): number {
  // The first collection frees objects. Only the second collection frees the buffers of these objects.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}
