import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What every object has, before anything hostile came by. */
const untouched = Reflect.ownKeys(Object.prototype);

/** Nobody may have written to what all objects inherit. */
export function expectPrototypeUntouched(): void {
  expect(Reflect.ownKeys(Object.prototype)).toEqual(untouched);
  expect(Object.getPrototypeOf(Object.prototype)).toBeNull();
}

/** A text that really takes its memory; `repeat` would only note how to make it. */
export const megabytes = (count: number, letter = 'x'): string =>
  Buffer.alloc(count * 1024 * 1024, letter).toString('latin1');

/** Names that every object seems to have already. */
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

/** A Proxy of which nothing can be asked, not even its prototype. */
export const untouchable = (): object =>
  new Proxy({}, Object.fromEntries(Object.getOwnPropertyNames(Reflect).map(trap => [trap, refuse])));

/** An error of which one property cannot be read. */
export const unreadable = (property: string): Error =>
  Object.defineProperty(new Error('cannot be read'), property, { get: refuse });

/** The same object, and how often any of its properties was read. */
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

/** What is kept in memory, in megabytes. */
export function kept(): number {
  // What the first round frees may hold buffers that only the second one counts.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}
