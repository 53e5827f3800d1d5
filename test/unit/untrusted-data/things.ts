import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The prototype before anything hostile was read. */
const untouched = Reflect.ownKeys(Object.prototype);

/** Fails if anything was written to the prototype of all objects. */
export function expectPrototypeUntouched(): void {
  expect(Reflect.ownKeys(Object.prototype)).toEqual(untouched);
  expect(Object.getPrototypeOf(Object.prototype)).toBeNull();
}

/** A flat string of this size; `repeat` would make a rope that takes no memory. */
export const megabytes = (count: number, letter = 'x'): string =>
  Buffer.alloc(count * 1024 * 1024, letter).toString('latin1');

/** Names that every object inherits, or that pollute prototypes. */
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

/** The same object with a counter of property reads. */
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

/** Megabytes in use after garbage collection. */
export function kept(): number {
  // The first round frees objects whose buffers only the second one frees.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}
